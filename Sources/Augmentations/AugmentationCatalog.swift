// Every step there is, in the order in which they are taken. A new one is a file beside this and a line here.

import Options

/// The order is that of the literature's programs, which have some of them each: Rice et al. (2020) crop, mirror and turn;
/// Debenedetti et al. (2023) crop, mirror, jitter and turn, or resize, mirror and erase.
package let augmentations: [AugmentationPart] = [.crop, .resizedCrop, .flip, .jitter, .rotation, .erasing]

/// The keys of all steps, by whole key in the order of a printed recipe.
package let augmentationOptions = augmentations.flatMap(\.options)
