// Every network a recipe can name. A new one is a file beside this and a line here.

import Options

package let architectures: [Architecture] = [
  .preActResNet18, .preActResNet18FRL, .resNet18, .wideResNet34, .wideResNet28, .xcitS12, .xcitSmall,
]

/// The same as parts that a recipe chooses among.
package let models = Catalog("model", architectures.map(\.part))

/// Options that several networks have.
enum NetworkOption {
  static let width = PartOption(
    "model.width", .whole(Limits.width), 64, "channels of the first stage; the standard is 64")
}
