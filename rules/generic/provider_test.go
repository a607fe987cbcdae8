package generic

import "testing"

func TestProviderNear(t *testing.T) {
	for _, c := range []struct {
		text       string // own begins at the bar
		only, word int16
	}{
		{"|cloudflare_api_token", 3, 0},
		{"|myCloudflareToken", 3, 0},
		{"|cloudflareapitoken", 3, 0},
		{"|new_cloudflare", 3, 0},
		{"request to the cloudflare API: |token", 2, 0},
		{"cloudflare\n|token", 1, 0},
		{"|encloudflared", 0, 0},
		{"|telegram_token", 0, 3}, // is a word, too
		{"|database_password", 0, 0},
	} {
		own := 0
		for c.text[own] != '|' {
			own++
		}
		only, word := providerNear([]byte(c.text[:own]+c.text[own+1:]), own)
		if only != c.only || word != c.word {
			t.Errorf("%s: %d %d, want %d %d", c.text, only, word, c.only, c.word)
		}
	}
}

func TestProviderPrefix(t *testing.T) {
	for _, c := range []struct {
		value string
		want  int16
	}{
		{"ghp_", 4}, {"GHP_x", 4}, {"sk-or-v1-x", 9}, {"zorbulon", 0},
	} {
		if got := providerPrefix([]byte(c.value)); got != c.want {
			t.Errorf("%s: %d, want %d", c.value, got, c.want)
		}
	}
}
