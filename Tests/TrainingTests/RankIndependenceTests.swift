import Classification
import Datasets
import Failures
import Kernels
import Methods
import Networks
import Recipes
import Testing
import Training

extension TrainingTests {
  /// The promise: one recipe, one result.
  @Suite struct RankIndependence {
    static let groups = [(1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2), (5, 1), (5, 2), (8, 1), (8, 2)]

    /// Everything but times is equal, on every rank.
    private func check(_ recipe: Recipe, _ groups: [(Int, Int)] = Self.groups) throws -> Trained {
      let reference = try train(recipe)[0]
      #expect(Set(reference.digests).count == recipe.training.epochs)
      for (ranks, threads) in groups {
        for (rank, trained) in try train(recipe, ranks: ranks, threads: threads).enumerated() {
          let place: Comment = "rank \(rank) of \(ranks), \(threads) threads"
          #expect(trained.digests == reference.digests, place)
          #expect(trained.steps.map(\.loss.bitPattern) == reference.steps.map(\.loss.bitPattern), place)
          #expect(trained.steps.map(\.correct) == reference.steps.map(\.correct), place)
          #expect(trained.epochs.map(\.record) == reference.epochs.map(\.record), place)
          #expect(trained.epochs.map(\.validation) == reference.epochs.map(\.validation), place)
          #expect(trained.epochs.map(\.test) == reference.epochs.map(\.test), place)
          #expect(trained.epochs.map(\.accepted) == reference.epochs.map(\.accepted), place)
        }
      }
      return reference
    }

    /// Statistics in the attack, and the algorithm of the convolutions.
    static let engines = BatchStatistics.allCases.flatMap { statistics in
      [ConvolutionChoice.direct, .winograd].map { (statistics, $0) }
    }

    /// Batches of 8, 8 and 5 shards: unequal shares, a smaller last shard, ranks without one.
    @Test(arguments: ["at", "fairtat"], engines)
    func digestsOfAllRanksAndThreads(method: String, engine: (BatchStatistics, ConvolutionChoice)) throws {
      let (statistics, convolution) = engine
      let recipe = Recipe.small {
        $0.method.name = method
        $0.engine.convolution = convolution
        $0.attack.batchStatistics = statistics
      }
      let reference = try check(recipe)
      #expect(reference.epochs.map(\.accepted) == [["ema": 1, "fawa": 1], ["ema": 2, "fawa": 2]])
      // The second epoch trains with what the counts of the first have decided.
      #expect(reference.epochs[0].record.margins255 == [Float](repeating: 8, count: 10))
      #expect(reference.epochs[1].record.margins255 != reference.epochs[0].record.margins255)
      #expect(Set(reference.epochs[0].record.prior).count == 1)
      #expect(Set(reference.epochs[1].record.prior).count > 1)
    }

    /// Every method there is, several views and early stopping among them; batches of 8, 8 and 5 shards.
    @Test(arguments: methods.names) func digestsOfEveryMethod(name: String) throws {
      let recipe = Recipe.small(method: name)
      let reference = try check(recipe)
      #expect(reference.steps.allSatisfy { $0.loss > 0 && $0.loss.isFinite })
    }

    /// Every network there is, over two views with statistics of the batch.
    @Test(arguments: models.names) func digestsOfEveryNetwork(name: String) throws {
      let recipe = Recipe.small(network: name, method: "trades") { $0.attack.batchStatistics = .batch }
      let reference = try check(recipe, [(1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2), (8, 1), (8, 2)])
      #expect(reference.steps.allSatisfy { $0.loss > 0 && $0.loss.isFinite })
    }

    /// Every step that varies images at once: the same images on any ranks and threads; without any one of them others.
    @Test func augmentedImages() throws {
      let values = [
        ("padding", "zeros"), ("resize-scale", "[0.6, 1.1]"), ("jitter", "0.25"), ("rotation", "15"),
        ("erasing", "0.5"),
      ]
      func recipe(without key: String? = nil) -> Recipe {
        .small {
          for (name, value) in values where name != key { $0.augmentation.set(name, value) }
        }
      }
      let reference = try check(recipe(), [(1, 2), (2, 1), (3, 2), (5, 1), (8, 2)])
      for (key, _) in values { #expect(try train(recipe(without: key))[0].digests != reference.digests, "\(key)") }
    }

    /// The light recipe's: an attack from anywhere in the ball, smoothed labels.
    @Test(arguments: ["trades", "fairtat-trades"]) func smoothedLabelsAndUniformStarts(method: String) throws {
      let recipe = Recipe.small(method: method) {
        $0.training.labelSmoothing = "0.1"
        $0.method.given["attack.start"] = "uniform"
      }
      let reference = try check(recipe, [(1, 2), (2, 1), (3, 2), (8, 1)])
      for change: (inout Recipe) -> Void in [
        { $0.training.labelSmoothing = "0" }, { $0.method.given["attack.start"] = "normal" },
      ] {
        var other = recipe
        change(&other)
        #expect(try train(other)[0].digests != reference.digests)
      }
    }

    /// Branches left out in the passes of attacks too, with examples that stay, that leave and that share statistics: other
    /// bits than without, the same on any ranks, and leaving changes none.
    @Test(arguments: ["fairtat", "trades", "bat"]) func dropPathInAttacks(method: String) throws {
      func recipe(_ change: (inout Recipe) -> Void) -> Recipe {
        .small(network: "xcit-small", method: method) {
          $0.attack.dropPath = .on
          change(&$0)
        }
      }
      let reference = try check(recipe { _ in }, [(1, 2), (2, 1), (3, 2), (8, 1)])
      #expect(try train(recipe { $0.attack.dropPath = .off })[0].digests != reference.digests)
      if method == "bat" {
        #expect(try train(recipe { $0.method.given["attack.frozen"] = "stay" })[0].digests == reference.digests)
      }
    }

    /// Targets by what each example was last taken for, whoever held it.
    @Test(arguments: ["fairtat", "fairtat-trades"]) func priorsOfExamples(name: String) throws {
      let recipe = Recipe.small(method: name) {
        $0.fairness.prior = "sample"
        $0.training.epochs = 3
      }
      let reference = try check(recipe, [(1, 2), (2, 1), (3, 2), (4, 1), (5, 2), (8, 1)])
      // The first epoch draws uniformly, the next ones do not, and by the classes' scores other weights come out.
      let priors = reference.epochs.map(\.record.prior)
      #expect(Set(priors[0]).count == 1 && Set(priors[1]).count > 1 && priors[1] != priors[2])
      let byClass = try train(Recipe.small(method: name) { $0.training.epochs = 3 })[0]
      #expect(byClass.digests[1] != reference.digests[1])
      #expect(byClass.steps[0].loss == reference.steps[0].loss)
    }

    /// With batch statistics in an attack that stops early, all ranks make the passes of the slowest example.
    @Test(arguments: [BatchStatistics.batch, .batchUpdatingRunning]) func examplesThatStay(
      statistics: BatchStatistics
    ) throws {
      for name in ["fat-original", "bat"] {
        let recipe = Recipe.small(method: name) {
          $0.method.given["attack.frozen"] = "stay"
          $0.attack.batchStatistics = statistics
          $0.attack.steps = 4
          $0.training.epochs = 1
        }
        _ = try check(recipe, [(2, 1), (3, 1), (5, 2), (8, 1)])
      }
    }

    /// Leaving changes no bit where examples stand alone.
    @Test(arguments: ["fat-original", "fat-for-trades", "bat"]) func leavingIsStaying(name: String) throws {
      let digests = try ["stay", "leave"].map { frozen in
        try train(
          Recipe.small(method: name) {
            $0.method.given["attack.frozen"] = frozen
            $0.attack.steps = 4
          })[0].digests
      }
      #expect(digests[0] == digests[1])
    }

    /// The same with OpenBLAS's matrix product, the best kernels of this CPU and the oldest there are. It is loaded once a
    /// process, so each has a process of its own.
    @Test(.enabled(if: OpenBLASLibrary.isInstalled, "libopenblas0 is not installed"), arguments: ["", "Prescott"])
    func digestsByOpenBLAS(core: String) async {
      await #expect(processExitsWith: .success) { [core = core as String] in
        // All stages but the last one are blocks of 4x4 and whole vectors of channels.
        let recipe = Recipe.small {
          $0.model.set("width", "16")
          $0.training.epochs = 1
          $0.engine.convolution = .winograd
        }
        var byOpenBLAS = recipe
        byOpenBLAS.engine.gemm = .openblas
        byOpenBLAS.engine.blasCore = core.isEmpty ? nil : core
        let reference = try RankIndependence().check(
          byOpenBLAS, [(1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (5, 1), (5, 2)])
        #if !FAIRTAT_BASELINE
          // The oldest have no fused multiply-add and round otherwise than ours: so OpenBLAS was at work.
          if core == "Prescott" { #expect(try train(recipe)[0].digests != reference.digests) }
        #endif
      }
    }

    @Test func digestsWhereFAWANeverAccepts() throws {
      let recipe = Recipe.small { $0.averaging.fawaThreshold = "1" }
      let reference = try check(recipe, [(2, 1), (5, 1)])
      #expect(reference.epochs.map { $0.accepted["fawa"] } == [0, 0])
    }

    @Test func theDigestFollowsTheRecipe() throws {
      let changes: [(inout Recipe) -> Void] = [
        { _ in }, { $0.training.batchSize = 32 }, { $0.training.seed = 1 }, { $0.method.name = "at" },
        { $0.fairness.interval = 1 },
        { $0.attack.batchStatistics = .batch }, { $0.attack.batchStatistics = .running },
        { $0.training.learningRate = "0.05" }, { $0.fairness.margins = false }, { $0.averaging.fawa = false },
        { $0.averaging.decay = "0.8" }, { $0.augmentation.set("flip", "false") }, { $0.engine.convolution = .direct },
      ]
      let digests = try changes.map { try train(.small($0))[0].digests.last! }
      #expect(Set(digests).count == changes.count)
    }

    /// Prior and margins that follow the counts of every second step; the epoch of three ends an interval early.
    @Test func intervalsOfSteps() throws {
      let reference = try check(.small { $0.fairness.interval = 2 }, [(2, 1), (3, 2), (5, 1)])
      let whole = try train(.small())[0]
      #expect(reference.digests.last != whole.digests.last)
    }

    /// 20 images in a batch of at most 24: one step of 7 shards. 25: a last batch of a single image. 3: one shard.
    @Test(arguments: [20, 25, 3])
    func setsThatFitNoBatch(count: Int) throws {
      let recipe = Recipe.small {
        $0.data.trainCount = count
        $0.data.validation = "0"
        $0.averaging.fawa = false
        $0.averaging.ema = false
      }
      let reference = try check(recipe, [(2, 1), (3, 2), (8, 1)])
      #expect(reference.steps.map(\.images) == (count == 25 ? [24, 1, 24, 1] : [count, count]))
    }

    /// Nothing is padded, dropped or counted twice.
    @Test(arguments: ["at", "fairtat"], [1, 3, 8])
    func everyEpochCountsTheTrainingSetOnce(method: String, ranks: Int) throws {
      let recipe = Recipe.small { $0.method.name = method }
      let data = try DatasetCatalog.load(try recipe.dataRequest())
      let split = data.split(validation: recipe.data.validation.value)
      #expect((split.train.count, split.validation.count) == (62, 10))
      let classes = (0..<10).map { k in Int64(split.train.count { data.train.labels[$0] == Int32(k) }) }
      for line in try train(recipe, ranks: ranks)[0].epochs {
        let record = line.record
        #expect(record.classCount == classes)
        #expect(zip(record.classCorrect, classes).allSatisfy { 0...$1 ~= $0 })
        #expect(record.classCorrect.reduce(0, +) + record.falsePositives.reduce(0, +) == 62)
        #expect(record.targets.reduce(0, +) == (method == "fairtat" ? 62 : 0))
        for result in line.validation.values { #expect(result.clean.examples == [Int64](repeating: 1, count: 10)) }
        for result in line.test.values { #expect(result.count == 7 && result.clean.total == 7) }
      }
    }

    /// MPI's order over ranks is another: the ranks agree, one rank has the tree's bits, several have other bits of
    /// nearly the same numbers.
    @Test func sumsOfGradientsInRankOrder() throws {
      let inRankOrder = Recipe.small { $0.engine.reduction = .mpi }
      let tree = try train(.small())[0]
      #expect(try train(inRankOrder)[0].digests == tree.digests)
      // Of 8 shards, ranks 0 and 2 of three have two and three: subtrees that the tree does not add in this order.
      let three = try train(inRankOrder, ranks: 3, threads: 2)
      #expect(Set(three.map(\.digests)).count == 1 && three[0].digests != tree.digests)
      #expect(abs(three[0].steps[1].loss - tree.steps[1].loss) < 1e-4 * tree.steps[1].loss)
    }

    @Test func moreRanksThanShardsAreRefused() throws {
      let error = #expect(throws: Failure.self) { try train(.small(), ranks: 9) }
      #expect(error?.code == .configuration)
    }
  }
}
