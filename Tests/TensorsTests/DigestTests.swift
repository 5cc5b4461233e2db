import Digests
import Testing

/// The examples of FIPS 180-4's companion documents.
@Test(arguments: [
  ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
  ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
])
func sha256(text: String, digest: String) {
  var sha = SHA256()
  sha.update(text)
  #expect(sha.hex() == digest)
}
