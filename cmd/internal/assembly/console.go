package assembly

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/internal/record"
)

// Usage is a fault of how a command was called.
func Usage(format string, args ...any) error {
	return &UsageError{Err: fmt.Errorf(format, args...)}
}

// CheckedArgs makes a fault of the arguments one of usage.
func CheckedArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return Usage("%w; see %s --help", err, cmd.CommandPath())
		}
		return nil
	}
}

// Printable drops what a terminal would obey instead of show: control
// characters, and those that turn the direction of text around.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, s)
}

// Fit pads or cuts to a width; 0 leaves a text as it is.
func Fit(s string, width int) string {
	n := utf8.RuneCountInString(s)
	switch {
	case width == 0:
		return s
	case n <= width:
		return s + strings.Repeat(" ", width-n)
	}
	return string([]rune(s)[:width-1]) + "…"
}

// TooOld reports whether files of a day are older than enrich.local.max_age
// allows, and not believed alone any more. No day is no file.
func TooOld(asOf record.Date, maxAge time.Duration, now time.Time) bool {
	return asOf != 0 && asOf < record.DateOf(now.Add(-maxAge).UTC())
}
