package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strings"

	"github.com/keysieve/keysieve/detect"
)

// An example is a secret that everyone knows, because it is shown in documentation or built into a tool for tests.
type example struct {
	sum string // SHA-256 of the secret in hexadecimal: no file of this repository holds text that looks like a secret
	of  string // who shows it
}

// placeholderWords are what people write where a secret belongs. They are long enough not to come up in random text.
var placeholderWords = [...]string{
	"example", "placeholder", "changeme", "change_me", "change-me", "replace_", "replace-", "replaceme", "redacted",
	"your_", "your-", "insert_", "insert-", "invalid",
}

// withExamples returns a check that knows examples and placeholders, and asks check, which may be nil, about all else. Both are
// Invalid: a finding stays one, with low confidence and the reason.
func withExamples(check func(secret []byte) detect.Proof) func(secret []byte) detect.Proof {
	if check == nil {
		return checkExample
	}
	return func(secret []byte) detect.Proof {
		if p := checkExample(secret); p.Verdict == detect.Invalid {
			return p
		}
		return check(secret)
	}
}

// checkExample judges whether the secret is a known example or says itself that it is a placeholder.
func checkExample(secret []byte) detect.Proof {
	sum := sha256.Sum256(secret)
	key := hex.EncodeToString(sum[:])
	i := sort.Search(len(examples), func(i int) bool { return examples[i].sum >= key })
	if i < len(examples) && examples[i].sum == key {
		return detect.Proof{Verdict: detect.Invalid, Note: "an example, of " + examples[i].of}
	}
	if isPlaceholder(secret) {
		return detect.Proof{Verdict: detect.Invalid, Note: "says that it is a placeholder"}
	}
	return detect.Proof{}
}

// maxPlaceholder bounds the text that is searched for words. A longer secret is data, in which a word proves nothing.
const maxPlaceholder = 128

// amazonExample stands in most keys and tokens of Amazon's documentation. In capitals it does not come up by chance.
const amazonExample = "EXAMPLE"

func isPlaceholder(secret []byte) bool {
	if bytes.Contains(secret, []byte(amazonExample)) {
		return true
	}
	if len(secret) > maxPlaceholder || bytes.Contains(secret, []byte("://")) {
		return false // an address may lead to example.com and hold a real password
	}
	lower := strings.ToLower(string(secret))
	for _, word := range placeholderWords {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// examples is in order of the sums. A new one is made by
//
//	printf %s "$SECRET" | sha256sum
var examples = [...]example{
	{"0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059", "the storage emulator of Azure"},
	{"02091175c1ae3023fb1e92ff16e1a5ca44dcd9f449916770f7d4eb192092e273", "SendGrid's documentation"},
	{"03b970ed8171d73b58bbc9a5c72e3e4eec28503b56b3bb400a0801857dd45614", "Google's reCAPTCHA, for tests"},
	{"095101cf732c298a0ce0320b9de704209cdd8640b70d8fdf4e5be51aa2eb272e", "Hardhat and Anvil, for tests"},
	{"0b476bdf9acf2123d547b5ae76f1e59884d8ec9553ee0c47e9f31fd4768f3f3c", "the tests of Firebase's SDK"},
	{"0b5dd075ccdd03c42f4edda8e299e6838e2a75d3486a2a8d86940ed1541e9178", "Telegram's documentation"},
	{"11166d723af61a115dfbea0ab86a49f038aa0b610e168a2e9310318d7139fd1e", "the documentation of Kubernetes"},
	{"1a5d44a2dca19669d72edf4c4f1c27c4c1ca4b4408fbb17f6ce4ad452d78ddb3", "Amazon's documentation"},
	{"1e3e58656012d861e23deae64f177673d7b86a9c55fe1d5d10b94e3c9755d168", "Cloudflare Turnstile, for tests"},
	{"2037abcaffb2b77785da716cf7ccff4ff4d00c4ea930db0167b7d71f50af7eb4", "the tests of Firebase's SDK"},
	{"27a9a42931dff7eb2f8434e20a9bce976ea364e7bee49187f19d5cfeca9c7045", "the tests of Firebase's SDK"},
	{"2cafc0970149a84f3b9e62eaf169f36f59907a3b3e31f7b82e68c69cd27f7326", "Stripe's documentation"},
	{"3002888f967a7086ab52fcc9e8bbc3e46724c349828ce6c8625b850a7036e876", "the documentation of Kubernetes"},
	{"33a6d3750d9a769b1c15ed2c4c2aa19f88fd673de6f98ca5327fb78639770e8d", "Docker's documentation"},
	{"366da6cf65a08841e25019549f7175df15fbaa93bf4f9a35f911adc0738b918a", "the documentation of Kubernetes"},
	{"36a207a7616709ef951dc9cc9c55681caa20638e4222bd6b6d990fc69c31dcd8", "Dynamic's documentation"},
	{"37f8f09bdf12c2f2eae4ead7273a62ddb0c23459cbf902892f282b57f7ed6619", "the tests of Firebase's SDK"},
	{"3f370c9dd8225c63b5c77de1f785edc9712958f18bb612d5fa2e0ae33aeca682", "the tests of Firebase's SDK"},
	{"441c66009c2ab92078dcfbac9126e9989de3b84152847f47db47c536cd186dc5", "Docker's documentation"},
	{"461ab0667e38e356c2483e9e5427a57532d2f1c734d5bda8274732c72122543e", "the documentation of Kubernetes"},
	{"49f777db995e8260da7ca9ffdf0c08d66f0453e97ec967018baf2cdfe3b582d0", "the tests of Firebase's SDK"},
	{"4c98242dcadc8b29005c6b4aad526552d5ea1842149154c0694adeec75847583", "the tests of Firebase's SDK"},
	{"5895b89c8fb33402a5bfc23aad5aaf863fbb438a51e1a0bb02b0ce618c8fdf9d", "Stripe's documentation"},
	{"5edca424bf24ef8ff453a044121ec5ec191995915a887d4a7cbd18708855164b", "ClickUp's documentation"},
	{"60a09e4357868c1e9b801052726d061c370429f723db84523ed58ac354f6eb8a", "Hardhat and Anvil, for tests"},
	{"6598ec97c37da4894da4b2facd69fc38d2a2df6242a5f34874832ff6b5fc402d", "Amazon's documentation"},
	{"67b9d29d92abee2c399ce08887a3fc9212550e08879fcdd65e90d56c62599e70", "the documentation of Kubernetes"},
	{"6ca6473b42d9c17e9059568aa166fa8b542a90ec4b6c38f25ab55d2be31c12e0", "the tests of Firebase's SDK"},
	{"6d7fa4e64d4b1f3ea31962e258b684de1f244434ebb11089b9d9817e44c43303", "GitHub's documentation"},
	{"731fa294d036e54f19df879bfcd4fe72d967dc6327800c5f74a48414a3f258c9", "Telegram's documentation"},
	{"78314b11be2e581549ac1c4f616563fad3fdf0c3b71678f6e2299182080e0598", "Amazon's documentation"},
	{"7e8de44ea9ecf6d53415c90f5b249a8591f7abafbf7d65a2c0d855afeca3ec09", "Stripe's documentation"},
	{"7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606", "jwt.io"},
	{"82e74299544e00738f9c0acb69b1eb348b3e20ffcfabcb34779bd37590fead6c", "GitHub's documentation"},
	{"8335c55334821eefd4334369ff9c04a8594f161013cf9d87f58802d87297837e", "Hardhat and Anvil, for tests"},
	{"841b4f5b0b34e19ada74f47a88831efbb909008ceea4430d61449c1874923f83", "Cloudflare Turnstile, for tests"},
	{"8731261cb72d86267a32a532ebd3df429e2144e5e4ced7e13568bc9e6c8fb1b1", "the tests of Firebase's SDK"},
	{"8d4ef6536dc8895f256c1e0d95dcd19763036732d64a095e44a90ed444267ad3", "RFC 7519"},
	{"905fe7cc0a49c622452c9ac7fa7fcc28628f9d9f86ae2864293535f4cf662b3e", "CircleCI's documentation"},
	{"9154e2e6fbfb1e50a3f18fe4deb606917d1438eec3788a5dbc2af765e83f29ac", "Dynatrace's documentation"},
	{"9bd1f158ca1a1b308d3297208d06cf0cce2bb739f6772599e0d96ae0b1b98b7d", "Mailgun's documentation"},
	{"9c846fdf0fa8955c377d0301542ee20ecd4585c5f359aa0a4cf15d44424f573d", "Mailgun's documentation"},
	{"9ec0be036c22f06fc32c70cf32aac22a57d0970de0b7072381f49af5b81d11c2", "Docker's documentation"},
	{"9f42b70ae4a3ea393d514db5b2bc49f092d4361adec2692e91ebfec501b0078e", "the documentation of Kubernetes"},
	{"a19f89ab3555eac10c40741f6df79ecf0935998f15569f8db9d67bce0181fff6", "the tests of Firebase's SDK"},
	{"a4b8b245ab28bc4f72dcaa0d9ba9f73d6488fa758a2a5cb55ecb11511f002f80", "the documentation of Kubernetes"},
	{"a7b580d711ef2807c7f11d881a1e7ff8a68c7e7d4e7c14e217bc9c522e3678ba", "the documentation of Kubernetes"},
	{"aa6547439583c3a275d4542a0df6c1ad6a863971be9f2a2220f027cc02aef615", "the Cosmos DB emulator of Azure"},
	{"b1471f544ceeea31333bde7e1ecbaad6eac0d4a749412ad29bd66ef895b81c6b", "Stripe's documentation"},
	{"b5b17ca1d65733bbbdf82a5ca9164a549f0b077846125f397658b468c4292e16", "Docker's documentation"},
	{"bb54574a88d7fa3176909df4aacf49fe8c3963ca802e20dc0c2d964f670131f6", "Docker's documentation"},
	{"bc1a50966c9e6486bc4ebf880b51611a2a97fcb8e7a6976e9b81a9e3e8ca0e3c", "Hardhat and Anvil, for tests"},
	{"bc3ae723f57c6b9e3fd80b699fcc420f6074b0b1718039669d22631d508ac0a7", "GitHub's documentation"},
	{"c18da7e873c16511c273af33bbffe28d78a21a20f367e0590a7e0db3d95c27c9", "the documentation of Kubernetes"},
	{"c6ea27c534f993d31f0aef882e3d200e7b87470c379ae79c8f9b19d3bd363dc9", "Amazon's documentation"},
	{"cb20d34a7adda2f5d2043836051e242fd4c2b233e02c80c91fe9d5af9b100574", "Amazon's documentation"},
	{"da816f9f2c16e6c5390e7636cadc40c43551bf0bbcf8f36c65539e6633a9c5e8", "jwt.io"},
	{"dc0fcf046c61640cbd1e8b999ada3262d722c2ca4bf42dceac999020ffdbb614", "the tests of Firebase's SDK"},
	{"e21b597ba6b9cafa59d9ebc4d65c0385f5eb3fa56abab2607fa76589ad849a33", "Amazon's documentation"},
	{"e4a5542bb7fd7b67e943c71ad29c34b5972c9840597e7eda53e666f44d5da0b9", "the tests of Firebase's SDK"},
	{"e9897976005540a696eae0c401c7156d64cd167940870270f82c1873cbe2e740", "Docker's documentation"},
	{"ea9bb1082cf95663f5faca23b8b15ef2aa0fce0a5c6df9c32dcb85b2e0a4513d", "the tests of Firebase's SDK"},
	{"eb540d2b6ee2a0a47c5779bc8a0141784c6b753840d4c6f4e2428a6e86e9e0b1", "the tests of Firebase's SDK"},
	{"f2d6ca16515033e5dce14eba840b979d27b5cbae24bb3e5bf484339667f86397", "Stripe's documentation"},
	{"f5375a46365089a84f4f822b70d44e744d64775cc747f030f8488a6274fe28f8", "Slack's documentation"},
	{"f56e323494a6ffc2064e7a955908957d84f0755e5f975dabd64328d0359a8f7c", "the tests of Firebase's SDK"},
	{"f5e95c9954635b65acab57e6d5ea663eb900f06dc8794a90358f5abb1c77d4e0", "Google's reCAPTCHA, for tests"},
	{"fb8f35129df87662c650ada12fd614f1b58dce4a37fdd7589ba3a6b9a78c0aae", "Cloudflare Turnstile, for tests"},
}
