import Failures
import Testing

/// Expects a configuration failure of one line that contains all these parts.
func expectFailure(_ parts: String..., location: SourceLocation = #_sourceLocation, from body: () throws -> Void) {
  do {
    try body()
    Issue.record("nothing was thrown", sourceLocation: location)
  } catch let failure as Failure {
    #expect(failure.code == .configuration, sourceLocation: location)
    #expect(!failure.message.contains("\n") && !failure.message.hasSuffix("."), sourceLocation: location)
    for part in parts { #expect(failure.message.contains(part), sourceLocation: location) }
  } catch {
    Issue.record(error, sourceLocation: location)
  }
}
