// The end of the batch job, as SLURM's variables have it. They are handed on to everything that is started from a job: a
// shell, a screen or a service may have them from a job that is long over. What cannot be right is named and ignored.

import Foundation
import Platform

/// What `SLURM_JOB_END_TIME` says about this process.
package struct JobEnd: Equatable, Sendable {
  /// Seconds left; nil where nothing that can be right is said.
  package let remaining: Double?
  /// Why the variable is ignored, a line for the user; nil where it is not set or holds.
  package let note: String?

  /// - Parameters:
  ///   - environment: the process's.
  ///   - now: seconds since 1970.
  ///   - groups: the process's control groups (`/proc/self/cgroup`), whose names have the job's number in them.
  package init(environment: [String: String], now: Double, groups: String) {
    let name = "SLURM_JOB_END_TIME"
    guard let text = environment[name] else {
      (remaining, note) = (nil, nil)
      return
    }
    var objection: String?
    let end = Self.seconds(text)
    if let end {
      let left = Double(end) - now
      if left <= 0 {
        objection = "\(name)=\(text) is past, left over from another job"
      } else if let start = environment["SLURM_JOB_START_TIME"].map(Self.seconds),
        start.map(Double.init) ?? .infinity > now
      {
        objection = "\(name)=\(text) is of another job: by SLURM_JOB_START_TIME that has not begun"
      } else if let job = Self.otherJob(environment, groups) {
        objection = "\(name)=\(text) is of another job: \(job)"
      }
    } else {
      objection = "\(name)=\(text) is no time in seconds since 1970"
    }
    remaining = objection == nil ? end.map { Double($0) - now } : nil
    note = objection.map { "warning: \($0): it is ignored, unset it; --max-wall sets a limit" }
  }

  /// What this process finds.
  package static func ofThisProcess(_ environment: [String: String]) -> JobEnd {
    JobEnd(
      environment: environment, now: Date().timeIntervalSince1970,
      groups: FileSystem.text(of: "/proc/self/cgroup") ?? "")
  }

  /// Digits alone, at most those of the year 9999.
  private static func seconds(_ text: String) -> Int? {
    guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text).flatMap { $0 < 253_402_300_800 ? $0 : nil }
  }

  /// How it is known that the variables are not of the job that this process is in; nil where that is not known.
  private static func otherJob(_ environment: [String: String], _ groups: String) -> String? {
    guard let job = environment["SLURM_JOB_ID"] else { return nil }
    if let old = environment["SLURM_JOBID"], old != job { return "SLURM_JOB_ID is \(job), SLURM_JOBID \(old)" }
    let jobs = groups.split(whereSeparator: { $0 == "/" || $0 == "\n" }).filter { $0.hasPrefix("job_") }
      .map { $0.dropFirst(4) }
    guard let here = jobs.last, !jobs.contains(job[...]) else { return nil }
    return "SLURM_JOB_ID is \(job), this process is in job \(here)"
  }
}
