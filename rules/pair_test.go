package rules_test

import (
	"strings"
	"testing"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/rules"
	"github.com/keysieve/keysieve/rules/rulestest"
)

// pairLines are lines that hold an id, by the provider and name of the pairs that are to find it.
var pairLines = map[string]string{
	"algolia/application id":   "ALGOLIA_APP_ID={{:10:upperalnum}}",
	"alibaba/access key id":    "{{LTAI:20:alnum}}",
	"atlassian/site":           "https://acme.atlassian.net/wiki",
	"auth0/client id":          "\"clientId\": \"{{:32:alnum}}\",",
	"auth0/domain":             "domain: dev-1x.eu.auth0.com",
	"aws/access key id":        "aws_access_key_id = {{AKIA:16:base32}}",
	"aws/client id":            "{{amzn1.application-oa2-client.:32:hex}}",
	"azure/client id":          "ARM_CLIENT_ID = \"{{uuid}}\"",
	"azure/storage account":    "AccountName=mystore01;",
	"azure/tenant id":          "tenant: {{uuid}}",
	"cloudflare/access key id": "R2_ACCESS_KEY_ID={{:32:hex}}",
	"coinbase/key name":        "\"name\": \"organizations/{{uuid}}/apiKeys/{{uuid}}\",",
	"digitalocean/access key":  "SPACES_KEY={{DO:18:upperalnum}}",
	"discord/client id":        "DISCORD_CLIENT_ID={{:18:digit}}",
	"facebook/app id":          "'app_id' => '{{:16:digit}}',",
	"github/client id":         "client_id: {{Iv1.:16:hex}}",
	"google/client id":         "{{:12:digit}}{{-:32:loweralnum}}.apps.googleusercontent.com",
	"linkedin/client id":       "LINKEDIN_CLIENT_ID={{:14:loweralnum}}",
	"mongodb/client id":        "{{mdb_sa_id_:24:hex}}",
	"mongodb/public key":       "MONGODB_ATLAS_PUBLIC_KEY=abcdwxyz",
	"okta/client id":           "{{0oa:17:alnum}}",
	"okta/domain":              "https://acme.okta.com",
	"ovh/application key":      "application_key={{:16:alnum}}",
	"paypal/client id":         "client_id={{A:79:alnum}}",
	"plaid/client id":          "PLAID_CLIENT_ID={{:24:hex}}",
	"plivo/auth id":            "{{MA:18:upperalnum}}",
	"razorpay/key id":          "{{rzp_live_:14:alnum}}",
	"scaleway/access key":      "{{SCW:17:upperalnum}}",
	"shopify/shop":             "acme.myshopify.com",
	"spotify/client id":        "client_id: '{{:32:hex}}'",
	"stripe/account":           "{{acct_:16:alnum}}",
	"tencent/secret id":        "{{AKID:32:alnum}}",
	"twilio/API key SID":       "{{SK:32:hex}}",
	"twilio/account SID":       "{{AC:32:hex}}",
	"vonage/API key":           "api_key={{:8:hex}}",
}

// TestPairs puts a line with the id above an example of each rule that has one.
func TestPairs(t *testing.T) {
	specs, err := rules.Specs()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range specs {
		d, err := detect.New([]detect.Rule{s.Rule}, detect.Options{MinConfidence: detect.ConfidenceLow})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range s.Pairs {
			line, ok := pairLines[s.Provider+"/"+p.Name]
			if !ok {
				t.Errorf("%s: no line for %q", s.ID, p.Name)
				continue
			}
			example, err := rulestest.Expand(line+"\n\n"+s.Hit[len(s.Hit)-1]+"\n", s.ID)
			if err != nil {
				t.Fatal(err)
			}
			found, err := d.Find(detect.Fragment{Data: []byte(example.Text), Origin: detect.Origin{Path: rulestest.ExamplePath(s)}})
			if err != nil {
				t.Fatal(err)
			}
			if !named(found, "with the "+p.Name+" ") {
				t.Errorf("%s: no finding names the %s: %q: %v", s.ID, p.Name, example.Text, found)
			}
		}
	}
}

func named(found []detect.Finding, note string) bool {
	for _, f := range found {
		for _, e := range f.Evidence {
			if strings.HasPrefix(e, note) && strings.Contains(e, ", line ") {
				return true
			}
		}
	}
	return false
}
