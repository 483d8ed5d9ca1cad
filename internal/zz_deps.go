//go:build never

package internal

import (
	_ "github.com/cockroachdb/pebble/v2"
	_ "github.com/gofrs/flock"
	_ "github.com/klauspost/compress/flate"
	_ "github.com/xuri/excelize/v2"
	_ "golang.org/x/exp/mmap"
)
