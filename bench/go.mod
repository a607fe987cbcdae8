module github.com/keysieve/keysieve/bench

go 1.26.0

// Should a measurement ever import the library, it is the one of this checkout.
replace github.com/keysieve/keysieve => ../
