package rules

import "github.com/keysieve/keysieve/detect"

// A namedCheck is an offline check that a rule file can name.
type namedCheck struct {
	name  string
	check func(secret []byte) detect.Proof
}

// lookupCheck returns the check of that name, nil if there is none.
func lookupCheck(name string) func(secret []byte) detect.Proof {
	for _, c := range checks {
		if c.name == name {
			return c.check
		}
	}
	return nil
}

// CheckNames returns the names of the offline checks that a rule can ask for, in alphabetical order.
func CheckNames() []string {
	names := make([]string, len(checks))
	for i, c := range checks {
		names[i] = c.name
	}
	return names
}

// checks is in alphabetical order.
var checks = [...]namedCheck{
	{"1password", check1Password},
	{"age-bech32", checkAge},
	{"anthropic", checkAnthropic},
	{"atlassian-bbdc", checkBBDC},
	{"atlassian-crc32", checkAtlassian},
	{"aws-key-id", checkAWSKeyID},
	{"azure-64bytes", checkAzure64},
	{"azure-marvin32", checkAzure},
	{"bedrock", checkBedrock},
	{"cloudflare-crc32", checkCloudflare},
	{"confluent-crc32", checkConfluent},
	{"discord-bot", checkDiscord},
	{"dynamic-crc32", checkDynamic},
	{"github-crc32", checkGitHub},
	{"gitlab-routable", checkGitLab},
	{"grafana-crc32", checkGrafana},
	{"grafana-glc", checkGrafanaCloud},
	{"jfrog-akcp", checkAKCp},
	{"jfrog-reftkn", checkRefToken},
	{"jwt", checkJWT},
	{"jwt-strict", checkStrictJWT},
	{"mapbox", checkMapbox},
	{"nkey-crc16", checkNKey},
	{"npm-crc32", checkNpm},
	{"openai", checkOpenAI},
	{"pem", checkPEM},
	{"pypi-macaroon", checkPyPI},
	{"sanctum-crc32", checkSanctum},
	{"sendgrid", checkSendGrid},
	{"sentry-org", checkSentryOrg},
	{"supabase", checkSupabase},
	{"telegram", checkTelegram},
	{"vercel-crc32", checkVercel},
}
