// The table of all keys, in the order of a printed recipe. A key that all recipes have is a property of `Recipe` and a row
// here; those of a method are declared beside it, and stand behind the others of their section.

import Attacks
import Augmentations
import Classification
import Fairness
import Kernels
import Methods
import Networks
import Options

extension Recipe {
  package static let fields = withOptions(
    of: \.evaluation.attack.choice, in: attacks, chooser: "evaluation.attack.name", effect: .resultThroughFAWA,
    withOptions(
      of: \.method, in: methods, chooser: "method.name", effect: .result,
      withOptions(
        of: \.training.optimizer, in: optimizers, chooser: "training.optimizer", effect: .result,
        withOptions(of: \.model.choice, in: models, chooser: "model.name", effect: .result, common))))

  /// The fields with each part's options behind the last of their section.
  private static func withOptions<Facts, Made>(
    of choice: WritableKeyPath<Recipe, Choice> & Sendable, in catalog: Catalog<Facts, Made>, chooser: String,
    effect: RecipeField.Effect, _ common: [RecipeField]
  ) -> [RecipeField] {
    var fields = common
    for (option, owners) in catalog.options {
      let field = RecipeField(option, of: choice, in: catalog, owners: owners, chooser: chooser, effect: effect)
      let last = fields.lastIndex { $0.sections == field.sections }
      fields.insert(field, at: last.map { $0 + 1 } ?? fields.endIndex)
    }
    return fields
  }

  /// The keys that this recipe has: those of all recipes, and those of its parts.
  package var fields: [RecipeField] { Recipe.fields.filter { $0.isOwned(by: self) } }

  private static let common =
    modelAndData + augmentationOptions.map { RecipeField(augmentation: $0) } + trainingAndRest

  private static let modelAndData: [RecipeField] = [
    RecipeField("model.name", \.model.choice.name, .name, "the network (list models)"),
    RecipeField(
      "model.classes", \.model.classes, FieldCodec.whole(Limits.classes).optional("auto"),
      "outputs; auto: as the data has"),
    RecipeField(
      "model.start-from", \.model.startFrom, FieldCodec.path.optional("none"),
      "a checkpoint whose weights training starts from"),
    RecipeField(
      "model.start-head", \.model.startHead, .choice,
      "their last layer: kept, or new, drawn from the seed, for any classes"),
    RecipeField(
      "model.mean", \.model.mean, FieldCodec.colours(Recipe.Model.means).optional("auto"),
      "of pixels, red green blue; auto: of the weights started from, else the data's"),
    RecipeField(
      "model.std", \.model.deviation, FieldCodec.colours(Recipe.Model.deviations).optional("auto"),
      "their deviation, what they are divided by; auto: the same"),

    RecipeField("data.name", \.data.name, .name, "the images (list data)"),
    RecipeField(
      "data.path", \.data.path, FieldCodec.path.optional("none"), effect: .course, "where they lie; --data sets it"),
    RecipeField(
      "data.limit-train", \.data.limitTrain, FieldCodec.whole(Limits.images).optional("all"),
      "the first so many training images"),
    RecipeField(
      "data.limit-test", \.data.limitTest, FieldCodec.whole(Limits.images).optional("all"),
      "the first so many test images"),
    RecipeField(
      "data.validation", \.data.validation, .belowOne, "part of the training images held out, the first of each class"
    ),
    RecipeField("data.size", \.data.size, .multiple(of: 8, Limits.imageSize), "synthetic: height and width"),
    RecipeField("data.train-count", \.data.trainCount, .whole(Limits.images), "synthetic: training images"),
    RecipeField("data.test-count", \.data.testCount, .whole(Limits.images), "synthetic: test images"),
    RecipeField(
      "data.hue-gap", \.data.hueGap, .unit, "synthetic: hue between look-alike shapes, in turns; 0: the same"),

  ]

  private static let trainingAndRest: [RecipeField] = [
    RecipeField("training.epochs", \.training.epochs, .whole(Limits.epochs), "passes over the training images"),
    RecipeField("training.batch-size", \.training.batchSize, .whole(Limits.batch), "images a step, all ranks together"),
    RecipeField(
      "training.shards", \.training.shards, FieldCodec.whole(Limits.batch).optional("auto"),
      "leaves of every sum in a full batch, the most ranks useful; auto: of 8 images"),
    RecipeField("training.seed", \.training.seed, .whole(0...UInt64.max), "of all randomness"),
    RecipeField("training.learning-rate", \.training.learningRate, .real(Limits.learningRate), "at the start"),
    RecipeField(
      "training.learning-rate-scaling", \.training.learningRateScaling, .choice,
      "with the batch: none, linear or sqrt"),
    RecipeField(
      "training.learning-rate-reference", \.training.learningRateReference, .whole(Limits.batch),
      "the batch for which it is not scaled"),
    RecipeField(
      "training.schedule", \.training.schedule, .choice,
      "its course: milestones, cosine (to 0), epoch-cosine, one-cycle (up, then to 0)"),
    RecipeField(
      "training.warm-up", \.training.warmUp, .real(0...1e6),
      "epochs in which it rises, from 0 step by step (not epoch-cosine); 0: none"),
    RecipeField(
      "training.warm-up-rate", \.training.warmUpRate, .real(Limits.learningRate),
      "of epoch-cosine: the first epoch's rate in a warm-up, which rises epoch by epoch"),
    RecipeField(
      "training.minimum-rate", \.training.minimumRate, .real(Limits.learningRate),
      "of epoch-cosine: what it falls to"),
    RecipeField(
      "training.cool-down", \.training.coolDown, .whole(Limits.epochs.orNone),
      "of epoch-cosine: how many of the epochs, the last, are at that"),
    RecipeField(
      "training.milestones", \.training.milestones, .moments,
      "where it falls: epochs (from 0) or fractions of the length"),
    RecipeField("training.decay", \.training.decay, .unit, "what it is multiplied by there"),
    RecipeField(
      "training.factors", \.training.factors, FieldCodec.units.optional("none"),
      "instead: a factor of the first rate for each milestone; none: decay"),
    RecipeField(
      "training.peak", \.training.peak, .belowOne, "of one-cycle: where it is highest, a fraction of the length"),
    RecipeField("training.optimizer", \.training.optimizer.name, .name, "sgd (with momentum), or adamw"),
    RecipeField("training.momentum", \.training.momentum, .belowOne, "of SGD"),
    RecipeField("training.nesterov", \.training.nesterov, .flag, "Nesterov's form of the momentum"),
    RecipeField(
      "training.weight-decay", \.training.weightDecay, .real(0...1000),
      "of all parameters; by adamw, of matrices and filters"),
    RecipeField(
      "training.clip-norm", \.training.clipNorm, FieldCodec.real(Limits.clipNorm).optional("none"),
      "largest norm of the gradient of all parameters; longer ones are shortened"),
    RecipeField(
      "training.label-smoothing", \.training.labelSmoothing, .belowOne,
      "what cross-entropy takes of a label and spreads over all classes; attacks do not"),
    RecipeField(
      "training.log-every", \.training.logEvery, .whole(Limits.steps), effect: .course, "steps between lines of the log"
    ),

    RecipeField("attack.epsilon", \.attack.epsilon, .unit, "largest change of a pixel, pixels in 0...1"),
    RecipeField("attack.step-size", \.attack.stepSize, .unit, "of one step of PGD"),
    RecipeField("attack.steps", \.attack.steps, .whole(Limits.attackSteps), "of PGD"),
    RecipeField(
      "attack.batch-statistics", \.attack.batchStatistics, .choice,
      "batch norm in the attack: batch-updating-running, batch, running"),
    RecipeField(
      "attack.drop-path", \.attack.dropPath, .choice, "on: its passes leave out branches too, each its own"
    ),
    RecipeField(
      "attack.precision", \.attack.precision, .choice,
      "float32, or bfloat16: its convolutions multiply in that, with Float sums"),

    RecipeField("method.name", \.method.name, .name, "the training method (list methods)"),

    RecipeField("fairness.prior", \.fairness.prior, .name, "how targets are drawn (list priors)"),
    RecipeField(
      "fairness.temperature", \.fairness.temperature, .real(1e-6...1e6),
      "of cfp-softmax: softmax(score/temperature)"),
    RecipeField("fairness.margins", \.fairness.margins, .flag, "an epsilon for each class"),
    RecipeField(
      "fairness.lambda", \.fairness.lambda, .real(0...1000), "epsilon_k = (lambda + robust accuracy of k) x epsilon"),
    RecipeField(
      "fairness.margins-from", \.fairness.marginsFrom, .choice,
      "what stands there for the robust accuracy: accuracy (itself), cfp"),
    RecipeField(
      "fairness.beta-lambda", \.fairness.betaLambda, FieldCodec.real(0...1000).optional("none"),
      "beta_k = (beta-lambda + robust accuracy of k) x method.beta"),
    RecipeField(
      "fairness.targeted", \.fairness.targeted, .choice,
      "classes attacked toward targets: method (as it has it), none, all, strong"),
    RecipeField(
      "fairness.begin", \.fairness.begin, .whole(Limits.epochs),
      "first epoch (from 0) with prior, margins, betas, targets of strong classes"),
    RecipeField(
      "fairness.interval", \.fairness.interval, FieldCodec.whole(Limits.steps).optional("epoch"),
      "steps between updates of prior and margins; an epoch's end is always one"),
    RecipeField(
      "fairness.prior-begin", \.fairness.priorBegin, FieldCodec.whole(Limits.epochs).optional("same"),
      "the prior's own; same: as begin"),
    RecipeField(
      "fairness.margins-begin", \.fairness.marginsBegin, FieldCodec.whole(Limits.epochs).optional("same"),
      "the margins' own, and the betas'; same: as begin"),

    RecipeField("averaging.ema", \.averaging.ema, .flag, "the plain average over epochs"),
    RecipeField("averaging.fawa", \.averaging.fawa, .flag, "the average over epochs that are fair enough"),
    RecipeField(
      "averaging.start", \.averaging.start, .moment, "first epoch (from 0) averaged, or a fraction of the length"),
    RecipeField("averaging.decay", \.averaging.decay, .unit, "what stays of the average, an epoch"),
    RecipeField(
      "averaging.fawa-threshold", \.averaging.fawaThreshold, .unit,
      "robust accuracy of the worst validation class that FAWA asks for"),

    RecipeField(
      "evaluation.every", \.evaluation.every, .whole(Limits.epochs.orNone), effect: .course,
      "epochs between tests; 0: at the end only"),
    RecipeField(
      "evaluation.validation-every", \.evaluation.validationEvery, .whole(Limits.epochs.orNone),
      effect: .resultThroughFAWA,
      "the same for validation; FAWA takes validated epochs only"),
    RecipeField(
      "evaluation.averages-every", \.evaluation.averagesEvery, .whole(Limits.epochs.orNone), effect: .course,
      "the same for validation of the averages"),
    RecipeField("evaluation.batch", \.evaluation.batch, .whole(Limits.batch), effect: .course, "images a block"),
    RecipeField(
      "evaluation.attack.name", \.evaluation.attack.choice.name, .name, effect: .resultThroughFAWA,
      "the attack (list attacks)"),
    RecipeField(
      "evaluation.attack.norm", \.evaluation.attack.norm, .choice, effect: .resultThroughFAWA,
      "what epsilon is: linf, largest change of a pixel; l2, length of all"),
    RecipeField(
      "evaluation.attack.epsilon", \.evaluation.attack.epsilon, .real(Limits.distances), effect: .resultThroughFAWA,
      "radius of the ball, for every class; of linf in 0...1"),

    RecipeField(
      "checkpoint.every-steps", \.checkpoint.everySteps, .whole(Limits.steps.orNone), effect: .course,
      "steps between checkpoints; 0: not by steps"),
    RecipeField(
      "checkpoint.every-epochs", \.checkpoint.everyEpochs, .whole(Limits.epochs.orNone), effect: .course,
      "epochs between them; 0: not by epochs"),
    RecipeField(
      "checkpoint.every-minutes", \.checkpoint.everyMinutes, .real(0...1e6), effect: .course,
      "minutes between them; 0: not by the clock"),
    RecipeField(
      "checkpoint.keep", \.checkpoint.keep, .whole(1...10_000), effect: .course, "how many of the newest stay"),

    RecipeField(
      "engine.threads", \.engine.threads, FieldCodec.whole(Limits.threads).optional("auto"), effect: .course,
      "a rank; auto: the cores it is bound to"),
    RecipeField(
      "engine.convolution", \.engine.convolution, .choice,
      "algorithm of the 3x3 convolutions: auto, winograd or direct"),
    RecipeField(
      "engine.gemm", \.engine.gemm, .choice,
      "matrix products of Winograd's convolutions: swift, or openblas"),
    RecipeField(
      "engine.blas-core", \.engine.blasCore, FieldCodec.name.optional("auto"),
      "OpenBLAS's kernels; auto: the best all ranks can run"),
    RecipeField(
      "engine.bfloat16", \.engine.bfloat16, .choice, effect: .course,
      "hardware: the CPU's matrix unit, or emulated: the same bits, slower than float32"),
    RecipeField(
      "engine.reduction", \.engine.reduction, .choice,
      "sum of gradients: tree (same bits on any ranks), mpi (not so)"),
    RecipeField(
      "engine.stall-timeout", \.engine.stallTimeout, FieldCodec.real(1...86_400, "seconds").optional("none"),
      effect: .course,
      "seconds without progress that end a run with 76"),
  ]

  /// What each section is about, for the comments of a recipe.
  static let sectionHelp: [String: String] = [
    "model": "The classifier.",
    "data": "The images.",
    "augmentation": "What happens to a training image before the attack.",
    "training": "The steps; the batch is global, whatever the number of ranks.",
    "attack": "PGD of the training pass; the method has its start and what it climbs.",
    "method": "What is attacked, and the loss.",
    "fairness": "What the class counts of the epoch before decide.",
    "averaging": "Averages of the weights over epochs.",
    "evaluation": "When accuracy is measured while training, all ranks at work.",
    "evaluation.attack": "What weights must withstand, on running statistics.",
    "checkpoint": "When the run can be taken up again; at the end always.",
    "engine": "How the machine is used.",
  ]
}
