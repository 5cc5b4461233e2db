// Everything that a training run is told, as one value: what `launch/recipes/*.yaml` hold.
//
// The names of the keys, their help, ranges and effects are in the table of `Recipe+Fields.swift`; the defaults are here.
// They are those of FAIR-TAT on CIFAR-10 (arXiv 2410.23142 and its released code).

import Attacks
import Classification
import Fairness
import Kernels
import Options

/// A complete recipe; `Recipe()` holds the default of every key.
package struct Recipe: Equatable, Sendable {
  package var model = Model()
  package var data = Data()
  package var augmentation = Augmentation()
  package var training = Training()
  package var attack = Attack()
  package var method = Choice("fairtat")
  package var fairness = Fairness()
  package var averaging = Averaging()
  package var evaluation = Evaluation()
  package var checkpoint = Checkpoint()
  package var engine = Engine()

  package init() {}

  /// The classifier.
  package struct Model: Equatable, Sendable {
    /// The network, and what it is told.
    package var choice = Choice("preactresnet18")
    package var name: String { choice.name }
    /// Outputs; nil takes them from the data.
    package var classes: Int?
    /// A checkpoint directory or safetensors file whose weights training starts from.
    package var startFrom: String?
    /// Whether that training starts from their last layer too.
    package var startHead = Head.kept
    /// What is subtracted from pixels in 0...1 and what they are divided by, of red, green, blue; nil takes them from the
    /// weights that training starts from, else from the data.
    package var mean: [Real]?, deviation: [Real]?
    /// What they may be.
    package static let means = -100.0...100.0, deviations = 1e-4...100.0

    /// The last layer of weights that a training starts from: theirs, or drawn from the seed.
    package enum Head: String, CaseIterable, Sendable { case kept, new }
  }

  /// The images.
  package struct Data: Equatable, Sendable {
    package var name = "synthetic"
    package var path: String?
    /// Images taken from the front of the training set, before the validation split; nil takes all.
    package var limitTrain: Int?
    package var limitTest: Int?
    /// The part of the training set, in 0..<1, that is held out for validation.
    package var validation: Real = "0.02"
    /// Height and width of the synthetic images.
    package var size = 32
    /// Number of synthetic images.
    package var trainCount = 4096
    package var testCount = 1024
    /// How far apart the hues of synthetic shapes are that look alike otherwise, in turns of the wheel; 0: the same hue.
    package var hueGap: Real = "0"
  }

  /// What happens to a training image before the attack.
  package struct Augmentation: Equatable, Sendable {
    /// Values of the steps' keys by whole key; others have their step's.
    package var given: [String: String] = [:]
  }

  /// The optimisation.
  package struct Training: Equatable, Sendable {
    package var epochs = 200
    /// Images a step, all ranks together.
    package var batchSize = 128
    /// Logical shards of a full batch; nil makes them of 8 images.
    package var shards: Int?
    package var seed: UInt64 = 0
    package var learningRate: Real = "0.1"
    package var learningRateScaling = LearningRateScaling.none
    /// The batch whose rate is not scaled.
    package var learningRateReference = 128
    /// The course of the learning rate.
    package var schedule = ScheduleShape.milestones
    /// Epochs in which it rises linearly.
    package var warmUp: Real = "0"
    /// Of a cosine that is set once an epoch: the first rate of a warm-up, the last rate, and how many epochs have that.
    package var warmUpRate: Real = "1e-6"
    package var minimumRate: Real = "0"
    package var coolDown = 0
    /// Where the learning rate falls.
    package var milestones: [Moment] = [.fraction("1/2"), .fraction("3/4")]
    /// What each milestone multiplies the learning rate by.
    package var decay: Real = "0.1"
    /// In its place, of each milestone: the part of the first learning rate that holds from there on.
    package var factors: [Real]?
    /// Where one cycle is highest, a fraction of the length.
    package var peak: Real = "2/5"
    /// The optimizer, and what it is told.
    package var optimizer = Choice("sgd")
    package var momentum: Real = "0.9"
    package var nesterov = false
    package var weightDecay: Real = "5e-4"
    /// The largest norm of a step's gradient over all parameters; nil for any.
    package var clipNorm: Real?
    /// What cross-entropy takes of a label and spreads over all classes.
    package var labelSmoothing: Real = "0"
    /// Steps between two lines of the log.
    package var logEvery = 10
  }

  /// The attack of the training pass.
  package struct Attack: Equatable, Sendable {
    /// Radius of the ball in the largest pixel difference, pixels in 0...1.
    package var epsilon: Real = "8/255"
    package var stepSize: Real = "2/255"
    package var steps = 10
    /// Of batch norm, while the attack runs.
    package var batchStatistics = BatchStatistics.batchUpdatingRunning
    /// Whether its passes go without branches of the network as training passes do.
    package var dropPath = Switch.off
    /// What the convolutions of its passes multiply in; training passes and evaluations are in Float.
    package var precision = Precision.float32

    /// As an attack in train mode has it with PyTorch, or not.
    package enum Switch: String, CaseIterable, Sendable { case off, on }
  }

  /// What the class counts of the epoch before decide.
  package struct Fairness: Equatable, Sendable {
    /// How targets are drawn.
    package var prior = "cfp"
    /// Of the prior `cfp-softmax`: softmax(score / temperature).
    package var temperature: Real = "0.5"
    /// Whether each class has its own epsilon.
    package var margins = true
    /// In epsilon_k = (lambda + robust accuracy of class k) x epsilon.
    package var lambda: Real = "0.5"
    /// What stands there for the robust accuracy.
    package var marginsFrom = MarginMeasure.accuracy
    /// In beta_k = (betaLambda + robust accuracy of class k) x beta; nil leaves every class at beta.
    package var betaLambda: Real?
    /// Which classes have adversaries toward targets.
    package var targeted = TargetedClasses.method
    /// The first epoch with prior and margins.
    package var begin = 1
    /// Steps after which prior and margins follow the counts; nil is once an epoch.
    package var interval: Int?
    package var priorBegin: Int?
    package var marginsBegin: Int?
  }

  /// Averages of the weights over epochs.
  package struct Averaging: Equatable, Sendable {
    package var ema = true
    package var fawa = true
    package var start = Moment.fraction("1/4")
    /// In average = decay x average + (1 - decay) x weights.
    package var decay: Real = "0.85"
    /// The robust accuracy of the worst validation class from which FAWA takes an epoch's weights.
    package var fawaThreshold: Real = "0.2"
  }

  /// When and how accuracy is measured while training.
  package struct Evaluation: Equatable, Sendable {
    /// Epochs between two measurements on the test set; 0 measures at the end only, for the next two as well.
    package var every = 0
    package var validationEvery = 1
    package var averagesEvery = 0
    /// Images a block.
    package var batch = 128
    package var attack = Attack()

    /// The attack on validation and test images, on running statistics.
    package struct Attack: Equatable, Sendable {
      package var norm = Norm.linf
      package var epsilon: Real = "8/255"
      /// The attack, and what it is told.
      package var choice = Choice("pgd")
    }
  }

  /// When the state of a run is written; each count is off at 0, and the end of a run is always written.
  package struct Checkpoint: Equatable, Sendable {
    package var everySteps = 0
    package var everyEpochs = 1
    package var everyMinutes: Real = "0"
    /// Checkpoints kept, the newest.
    package var keep = 2
  }

  /// How the machine is used.
  package struct Engine: Equatable, Sendable {
    /// Threads a rank; nil takes the cores that the rank is bound to.
    package var threads: Int?
    /// How convolutions are computed; another choice gives other bits.
    package var convolution = ConvolutionChoice.auto
    /// Who multiplies the matrices of Winograd's convolutions; another choice gives other bits.
    package var gemm = MatrixProduct.swift
    /// OpenBLAS's name of the kernels it uses; nil takes the best that all ranks can run. Other kernels give other bits.
    package var blasCore: String?
    /// Who multiplies where `attack.precision` is bfloat16; the bits are the same.
    package var bfloat16 = BFloat16Unit.hardware
    /// How the gradients of the ranks are summed.
    package var reduction = ReductionChoice.tree
    /// Seconds without any progress of a host's ranks after which the run ends; nil never.
    package var stallTimeout: Real? = "600"
  }
}
