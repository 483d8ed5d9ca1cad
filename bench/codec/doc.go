// Package codec measures JSON codecs on a claim, and shows what each of them
// lets through. docs/decisions/0002-json-codec.md tells what followed.
//
//	cd bench/codec && go test -bench . -count 6
package codec
