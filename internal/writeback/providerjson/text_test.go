package providerjson

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

func TestLuhn(t *testing.T) {
	for s, want := range map[string]bool{
		"1234567893": true, "1679576722": true, "197368535": true, "2": true,
		"1111111111": false, "1234567890": false, "1142832052": false, "": false,
		" 1234567893": false, "123456789３": false, "12345-7893": false, "1234567893\n": false,
	} {
		assert.Equal(t, want, luhn(s), "%q", s)
	}
}

func TestDate(t *testing.T) {
	for s, want := range map[string]bool{
		"2014-01-05": true, "2014-1-5": true, "2014-01- 5": true, "2014-1- 5": true, "2016-02-29": true, "0001-01-01": true, "9999-12-31": true,
		"2014-02-29": false, "2014-13-01": false, "2014-00-01": false, "2014-01-00": false, "2014-04-31": false, "0000-01-01": false,
		"14-01-05": false, "2014-01-05 ": false, " 2014-01-05": false, "2014-01-05\n": false, "2014-01- 0": false, "2014- 1-05": false,
		"2014-01-  5": false, "2014-001-5": false, "2014-1-005": false, "20140105": false, "2014/01/05": false, "2014-01-05-": false,
		"2014-1": false, "2014-01-": false, "２014-01-05": false, "": false, "2014-+1-05": false,
	} {
		_, ok := date(s)
		assert.Equal(t, want, ok, "%q", s)
	}
}

func TestPhone(t *testing.T) {
	for s, want := range map[string]bool{
		"301-555-0100": true, "301-555-0100\n": true,
		"301-555-0100\n\n": false, "3015550100": false, "301-555-010": false, "(301) 555-0100": false, "301-555-010x": false, "": false, "３01-555-0100": false,
	} {
		assert.Equal(t, want, phone(s), "%q", s)
	}
}

func TestEmail(t *testing.T) {
	for s, want := range map[string]bool{
		"ada@example.com":                     true,
		"a@localhost":                         true,
		"o'brien+npi@sub.example.com":         true,
		"a_b{c}|~!#$%&*/=?^`@example.com":     true,
		`"ada example"@example.com`:           true,
		`"a\"b"@example.com`:                  true,
		"ada@[192.0.2.1]":                     true,
		" ada@example.com ":                   true,
		"ada (home)@example.com (ours)":       true,
		"(home) ada@(ours)example.com":        true,
		"ada@example.com\n":                   true,
		"ada@\r\n example.com":                true,
		"":                                    false,
		"ada":                                 false,
		"@example.com":                        false,
		"ada@":                                false,
		"ada@@example.com":                    false,
		".ada@example.com":                    false,
		"ada.@example.com":                    false,
		"a..b@example.com":                    false,
		"ada@example..com":                    false,
		"ada@example.com.":                    false,
		"ada example@example.com":             false,
		"ada@example.com, eve@example.com":    false,
		"ada@example.com\n\n":                 false,
		"Ada <ada@example.com>":               false,
		"\xc3\xa9va@example.com":              false,
		"ada@ex\xc3\xa4mple.com":              false,
		`"ada@example.com`:                    false,
		"ada@[192.0.2.1":                      false,
		"ada (home@example.com":               false,
		"https://example.com/ada@example.com": false,
	} {
		assert.Equal(t, want, email(s), "%q", s)
	}
}

func TestASCII(t *testing.T) {
	assert.Equal(t, 0, ascii("éß漢"))
	assert.Equal(t, 3, ascii("aéb\x00"))
}

// FuzzEmail: what is seen to be plain is an address by the expression too.
func FuzzEmail(f *testing.F) {
	for _, s := range []string{"ada@example.com", "a@b", "a..b@c", "a@b@c", "@", "a@", ".@.", "\"a\"@b", "a@[1]", "\xff@a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		require.Equal(t, mailbox.MatchString(s), email(s))
	})
}

// FuzzDate: a day is one of the calendar, and found again.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"2014-01-05", "2014-1-5", "2014-01- 5", "2014-02-29", "", "----------", "0000-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		day, ok := date(s)
		if _, plain := record.ParseDate(s); plain {
			require.True(t, ok, "%q", s)
		}
		if ok {
			again, ok := date(day.Format(time.DateOnly))
			require.True(t, ok)
			require.Equal(t, day, again)
		}
	})
}
