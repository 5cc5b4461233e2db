// Rank 0's judgement of what all ranks found.

import CPlatform
import Communication
import Failures
import Foundation
import Recipes

/// Facts of all ranks, to be judged.
struct Diagnosis {
  /// By rank.
  let ranks: [RankFacts]
  let options: DoctorOptions
  let launch: Launch
  /// What is wrong with the launch, if anything.
  let launchFailure: Failure?
  let library: String
  let threadLevel: String?
  /// The kernels that all ranks can run, by OpenBLAS's name.
  let blasCore: String
  /// Rank 0's words on why OpenBLAS is not loaded.
  let blasFailure: String?
  let blasConfiguration: String
  /// Rank 0's, while the others slept.
  let aloneSpeed: Speed
  /// This launch's layout and the best one, predicted; nil where they cannot be.
  let layouts: LayoutFacts?

  /// Hosts in the order of their first ranks.
  var hosts: [(name: String, ranks: [RankFacts])] {
    var names: [String] = []
    for rank in ranks where !names.contains(rank.cores.host) { names.append(rank.cores.host) }
    return names.map { name in (name, ranks.filter { $0.cores.host == name }) }
  }

  /// The threads of a rank in a run.
  func threads(_ rank: RankFacts) -> Int { options.threads ?? rank.cores.threads(among: ranks.map(\.cores)) }

  /// All findings, in the order of the table.
  func findings() -> [Finding] {
    [
      Finding("version", Version.number),
      Finding("recipes", RecipeLibrary.standard.names.joined(separator: ", ")),
    ] + launchFindings() + coreFindings() + arithmeticFindings() + speedFindings() + [layoutFinding] + machineFindings()
  }

  /// A fact of which hosts may differ: once if they agree, else by host.
  func byHost(_ fact: (RankFacts) -> String) -> String {
    let facts = hosts.map { (name: $0.name, fact: fact($0.ranks[0])) }
    return Set(facts.map(\.fact)).count == 1
      ? facts[0].fact : facts.map { "\($0.name): \($0.fact)" }.joined(separator: "; ")
  }
}

/// A count with its noun.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
