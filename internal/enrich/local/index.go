package local

import "github.com/npiflow/npiflow/internal/record"

// indexKeys hands over every index key of an entry.
func indexKeys(e *record.Entry, add func(key []byte)) {}
