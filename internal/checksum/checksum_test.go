package checksum

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/npiflow/npiflow/internal/record"
)

func TestMark(t *testing.T) {
	for _, c := range []struct {
		raw  string
		want record.Mark
	}{
		{"1234567893", record.Sound},          // CMS's own example
		{"1245319599", record.Sound},          // another published one
		{"1993999998", record.Sound},          // last digit 8
		{"1000000004", record.Sound},          // the smallest there is
		{"2234567891", record.Sound},          // 2 is allowed, though none was issued
		{"2999999990", record.Sound},          // the largest there is
		{"", record.Missing},                  // nothing given
		{" ", record.Malformed},               // a blank is not nothing
		{"123456789", record.Malformed},       // nine digits
		{"12345678933", record.Malformed},     // eleven
		{"808401234567893", record.Malformed}, // with the card issuer prefix
		{" 1234567893", record.Malformed},     // never trimmed
		{"1234567893\n", record.Malformed},    // nor chomped
		{"12345678O3", record.Malformed},      // a letter O
		{"123456789X", record.Malformed},      // a letter last
		{"1.23457E+0", record.Malformed},      // a spreadsheet's doing
		{"-123456789", record.Malformed},      // a minus sign is no digit
		{"/234567893", record.Malformed},      // the byte before '0'
		{":234567893", record.Malformed},      // the byte after '9'
		{"\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff13", record.Malformed}, // full-width digits
		{"१२३४५६७८९३", record.Malformed},                                                   // Devanagari digits
		{"\xff\xfe34567893", record.Malformed},                                             // not even text
		{"9941339100", record.BadPrefix},                                                   // check digit right, never issued
		{"3412549073", record.BadPrefix},                                                   // likewise
		{"0100000009", record.BadPrefix},                                                   // a leading zero
		{"9999999999", record.BadPrefix},                                                   // the prefix is looked at first
		{"1234567890", record.BadChecksum},                                                 // the favourite placeholder
		{"1112223333", record.BadChecksum},                                                 // another
		{"2366554859", record.BadChecksum},                                                 // from a published claim example
	} {
		n, mark := Mark(c.raw)
		assert.Equal(t, c.want, mark, "%q", c.raw)
		if mark == record.Sound {
			assert.Equal(t, c.raw, n.String())
		} else {
			assert.Zero(t, n, "%q: an NPI only where it is sound", c.raw)
		}
	}
}

func TestValid(t *testing.T) {
	for _, c := range []struct {
		n    record.NPI
		want bool
	}{
		{1234567893, true},   // sound
		{9941339100, true},   // the arithmetic does not know prefixes
		{100000009, false},   // a leading zero
		{1234567890, false},  // wrong digit
		{0, false},           // no NPI: 24 is not a multiple of ten
		{11234567893, false}, // eleven digits, though the last ten fit
		{^record.NPI(0), false},
	} {
		assert.Equal(t, c.want, Valid(c.n), "%d", c.n)
	}
}

func TestCheck(t *testing.T) {
	r := record.Record{ID: "a", Mentions: []record.Mention{{NPI: "1234567893"}, {}, {NPI: "12345"}, {NPI: "1234567890"}}}
	c := Check(r)
	assert.Equal(t, []record.Mark{record.Sound, record.Missing, record.Malformed, record.BadChecksum}, c.Marks)
	assert.Equal(t, []record.NPI{1234567893, 0, 0, 0}, c.NPIs)
	assert.Equal(t, r, c.Record)
	assert.True(t, c.Rejected())
	assert.Empty(t, Check(record.Record{}).Marks)
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { kept = Check(r) }), 2.0, "only marks and NPIs are made")
}

func TestDescribe(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"", "nothing where 10 digits belong"},
		{" \t", "only blanks where 10 digits belong"},
		{" 1234567893", "blanks around the digits"},
		{"1234567893 ", "blanks around the digits"},
		{"\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff13", "digits that are not ASCII"},
		{"7", "1 digit where 10 belong"},
		{"123456789", "9 digits where 10 belong"},
		{"12345678933", "11 digits where 10 belong"},
		{"808401234567893", "15 digits beginning 80840: leave out the card issuer prefix"},
		{"123451234567893", "15 digits where 10 belong"},
		{"12345678O3", "10 characters, 1 of them a letter"},
		{"1.23457E+09", "11 characters, 1 of them a letter, 2 of them signs"},
		{"123 456 7893", "12 characters, 2 of them blanks"},
		{"12345678\uff1903 A", "13 characters, 1 of them a digit that is not ASCII, 1 of them a letter, 1 of them a blank"},
		{"\xff\xfe", "2 characters, 2 of them signs"},
	} {
		assert.Equal(t, c.want, Describe(c.raw), "%q", c.raw)
	}
}

// naive is the Luhn test as textbooks write it, over the prefix and all.
func naive(digits string) bool {
	sum := 0
	for i, d := range []byte("80840" + digits) {
		n := int(d - '0')
		if i%2 == 1 { // 15 digits: the last stands alone, every second before it is doubled
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

func TestEveryGroupOfFour(t *testing.T) {
	for n := record.NPI(0); n < 10000; n++ { // each group in each of its places, beside a fixed rest
		for _, at := range []record.NPI{1, 1_0000} {
			npi := 12*1_0000_0000 + n*at
			require.Equal(t, naive(npi.String()), Valid(npi), "%d", npi)
		}
	}
	for n := record.NPI(0); n < 100; n++ {
		npi := n*1_0000_0000 + 3456_7893
		require.Equal(t, naive(npi.String()), Valid(npi), "%d", npi)
	}
}

func soundNPI(t *rapid.T) string {
	nine := record.NPI(rapid.Uint64Range(100_000_000, 299_999_999).Draw(t, "nine"))
	for d := record.NPI(0); d < 10; d++ {
		if Valid(nine*10 + d) {
			return (nine*10 + d).String()
		}
	}
	t.Fatal("exactly one last digit fits")
	return ""
}

func TestSingleErrorsAreCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		npi := []byte(soundNPI(t))
		for i := range npi {
			for d := byte('0'); d <= '9'; d++ {
				wrong := append([]byte(nil), npi...)
				wrong[i] = d
				n, _ := record.ParseNPI(string(wrong))
				require.Equal(t, d == npi[i], Valid(n), "digit %d of %s made %c", i, npi, d)
			}
		}
	})
}

func TestTranspositionsAreCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		npi := []byte(soundNPI(t))
		for i := range len(npi) - 1 {
			wrong := append([]byte(nil), npi...)
			wrong[i], wrong[i+1] = npi[i+1], npi[i]
			pair := string(npi[i : i+2])
			blind := npi[i] == npi[i+1] || pair == "09" || pair == "90" // the one pair Luhn cannot tell
			n, _ := record.ParseNPI(string(wrong))
			require.Equal(t, blind, Valid(n), "digits %d and %d of %s swapped", i, i+1, npi)
		}
	})
}

func FuzzValid(f *testing.F) {
	for _, s := range []string{"", "1234567893", "1234567890", "9941339100", "0000000000", "808401234567893", " 1234567893", "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff13"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		n, mark := Mark(raw)
		ten := len(raw) == 10 && strings.Trim(raw, "0123456789") == ""
		switch {
		case raw == "":
			require.Equal(t, record.Missing, mark)
		case !ten:
			require.Equal(t, record.Malformed, mark)
			require.NotEmpty(t, Describe(raw))
		case raw[0] != '1' && raw[0] != '2':
			require.Equal(t, record.BadPrefix, mark)
		case naive(raw):
			require.Equal(t, record.Sound, mark)
			require.Equal(t, raw, n.String())
		default:
			require.Equal(t, record.BadChecksum, mark)
		}
	})
}

// FuzzDescribe holds the description to words and counts of its own: no run
// of the text's own characters long enough to tell anything.
func FuzzDescribe(f *testing.F) {
	for _, s := range []string{"JANE ROE", "123-45-6789", "80840", "\x00", "①②③"} {
		f.Add(s)
	}
	vocabulary := Describe("") + Describe(" ") + Describe(" 1234567893") + Describe("1") + Describe("1") +
		Describe("808401234567893") + Describe("1 a-２") + Describe("１１  aa--") + " digits characters 0123456789"
	f.Fuzz(func(t *testing.T, raw string) {
		for _, word := range strings.Fields(Describe(raw)) {
			if strings.Trim(word, "0123456789") == "" {
				require.LessOrEqual(t, len(word), 9, "a number is a count")
				continue
			}
			require.Contains(t, vocabulary, strings.TrimRight(word, ","))
		}
	})
}

var (
	kept     record.Checked
	keptBool bool
	keptMark record.Mark
)

// rawNPIs are many and in no order, so that nothing is learnt by heart.
func rawNPIs() (raw [4096]string) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range raw {
		nine := record.NPI(100_000_000 + random.Uint64N(100_000_000))
		for d := record.NPI(0); d < 10 && raw[i] == ""; d++ {
			if Valid(nine*10 + d) {
				raw[i] = (nine*10 + d).String()
			}
		}
	}
	return raw
}

func BenchmarkValid(b *testing.B) {
	var npis [4096]record.NPI
	for i, s := range rawNPIs() {
		npis[i], _ = record.ParseNPI(s)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N { // not b.Loop: it would keep Valid from being inlined, as it is in use
		keptBool = Valid(npis[i%4096])
	}
}

func BenchmarkMark(b *testing.B) {
	raw := rawNPIs()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		_, keptMark = Mark(raw[i%4096])
	}
}

func BenchmarkCheck(b *testing.B) {
	r := record.Record{Mentions: []record.Mention{{NPI: "1234567893"}, {NPI: "1245319599"}}}
	b.ReportAllocs()
	for b.Loop() {
		kept = Check(r)
	}
}
