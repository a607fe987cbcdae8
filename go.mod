module github.com/keysieve/keysieve

go 1.26.0
