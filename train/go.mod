module github.com/keysieve/keysieve/train

go 1.26.0

require github.com/keysieve/keysieve v0.0.0

require (
	github.com/BurntSushi/toml v1.6.0 // indirect
	github.com/dlclark/regexp2 v1.12.0 // indirect
)

replace github.com/keysieve/keysieve => ../
