// Package demo holds the sample records of the demonstration: claims and
// roster rows that between them show every verdict and every flag, and the
// made-up answers some of them need. The people are real public registry
// entries or invented; the patient in the first claim is invented, and must
// not be seen in any output.
package demo

import "embed"

// Files holds claims.ndjson and rosters.ndjson, a message a line, and
// registry/, answers in the registry's own form that no recording has.
//
//go:embed claims.ndjson rosters.ndjson registry
var Files embed.FS
