package x12

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

var sound = made(professional, biller+"CLM*A1*100***11:B:1~LX*1~DTP*472*D8*20260301~")

var soundLines = []string{"A1 professional 11 2026-03-01 2026-03-01", "  billing 1234567893 HL1/2010AA/NM109"}

// with is the sound file with some of it replaced.
func with(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(sound) }

// redelimited is the sound file with other separators of elements and
// components and another terminator.
func redelimited(element, component, terminator string) string {
	return strings.NewReplacer("*", element, ":", component, "~", terminator).Replace(sound)
}

// However a file is delimited, padded or folded, the same is in it.
func TestDelimiters(t *testing.T) {
	unpadded := with("*00*          *00*          *ZZ*A              *ZZ*B              *", "*00**00**ZZ*A*ZZ*B*")
	var folded strings.Builder
	for i := 0; i < len(sound); i += 80 {
		folded.WriteString(sound[i:min(i+80, len(sound))] + "\r\n")
	}
	for name, input := range map[string]string{
		"as it is":                           sound,
		"unpadded":                           unpadded,
		"one line per segment":               strings.ReplaceAll(sound, "~", "~\n"),
		"CRLF behind each segment":           strings.ReplaceAll(sound, "~", "~\r\n"),
		"blanks around segments":             strings.ReplaceAll(sound, "~", " ~ \t"),
		"empty segments":                     strings.ReplaceAll(sound, "~", "~~~"),
		"LF as terminator":                   redelimited("*", ":", "\n"),
		"CRLF as terminator":                 redelimited("*", ":", "\r\n"),
		"LF as terminator, CR before it":     strings.Replace(redelimited("*", ":", "\r\n"), ":\r\n", ":\n", 1),
		"control characters":                 redelimited("\x1d", "\x1f", "\x1c"),
		"tabs":                               redelimited("\t", ":", "~"),
		"bytes beyond ASCII":                 redelimited("\xa6", ":", "\xa7"),
		"pipes":                              redelimited("|", ">", "_"),
		"folded at 80 columns":               folded.String(),
		"folded, unpadded":                   strings.ReplaceAll(unpadded, "~HL", "~H\nL"),
		"byte order mark":                    "\xef\xbb\xbf" + sound,
		"blank lines before":                 "\r\n  \n" + sound,
		"blank lines and an end mark behind": sound + "\r\n\r\n\x1a\x00",
		"without the last terminator":        sound[:len(sound)-1],
		"without ISA16":                      with("*P*:~", "*P*~"),
		"without ISA16, one line each":       strings.ReplaceAll(with("*P*:~", "*P*~", "11:B:1", "11"), "~", "~\n"),
	} {
		want := soundLines
		if name == "without ISA16" {
			want = []string{strings.Replace(soundLines[0], " 11", " ", 1), soundLines[1]} // CLM05 cannot be taken apart
		}
		t.Run(name, func(t *testing.T) {
			assert.True(t, Detect([]byte(input)))
			assert.Equal(t, want, brief(reading([]byte(input))))
			var slow found
			slow.err = Read(iotest.OneByteReader(strings.NewReader(input)), func(r *record.Record) error {
				slow.records = append(slow.records, r)
				return nil
			}, func(x record.Fault) { slow.faults = append(slow.faults, x) })
			assert.Equal(t, want, brief(slow), "byte by byte")
		})
	}
}

func TestEnvelope(t *testing.T) {
	claim2 := []string{"A1 professional 11 2026-03-01 2026-03-01", "  billing 1234567893 ISA2/GS1/ST1/HL1/2010AA/NM109"}
	both := append(append([]string{}, soundLines...), claim2...)
	ack := "ST*999*0002~AK1*HC*1~SE*3*0002~"
	for _, c := range []struct {
		name  string
		input string
		want  []string // after what the sound file gives, or instead of it if it does not begin with it
	}{
		{"SE01", with("SE*8*", "SE*9*"), []string{"! SE01 is not the number of segments from ST to SE, which is 8: something may be missing"}},
		{"SE02", with("SE*8*0001", "SE*8*0002"), []string{"! SE02 is not the control number of ST02"}},
		{"GE01", with("GE*1*1", "GE*2*1"), []string{"! GE01 is not the number of transaction sets, which is 1: something may be missing"}},
		{"GE02", with("GE*1*1", "GE*1*2"), []string{"! GE02 is not the control number of GS06"}},
		{"IEA01", with("IEA*1*", "IEA**"), []string{"! IEA01 is not the number of functional groups, which is 1: something may be missing"}},
		{"IEA02", with("IEA*1*000000001", "IEA*1"), []string{"! IEA02 is not the control number of ISA13"}},
		{"no SE", with("SE*8*0001~", ""), []string{"! SE missing: what they would close may not be whole"}},
		{"no SE, no GE", with("SE*8*0001~GE*1*1~", ""), []string{"! SE, GE missing: what they would close may not be whole"}},
		{"no GE", with("GE*1*1~", ""), []string{"! GE missing: what they would close may not be whole"}},
		{"no IEA", with("IEA*1*000000001~", ""), []string{"! IEA missing: what they would close may not be whole"}},
		{"no GS", with("GS*HC*A*B*20260801*1200*1*X*005010X222A1~", "", "GE*1*1~", "", "IEA*1", "IEA*0"), []string{"! ST stands outside of a functional group (GS to GE)"}},
		{"an acknowledgment beside claims", with("GE*1*1", ack+ack+"GE*3*1"), []string{
			"! the transaction set is an acknowledgment (997, 999), not a claim (837): passed over, and so are all others that are no claims"}},
		{"an SE too many", with("GE*1*1", "SE*1*1~GE*1*1"), []string{"! SE stands without its ST"}},
		{"a GE too many", with("IEA*", "GE*1*1~IEA*"), []string{"! GE stands without its GS"}},
		{"text behind", sound + "\r\nThank you for your business.", []string{"! text stands between the interchanges: passed over"}},
		{"text before, with ISA in it", "VISA*, ISA*1*2 and the like\n" + sound, []string{"! text stands between the interchanges: passed over"}},
		{"component separator that is another", with("*P*:~", "*P**~"), []string{
			"! the delimiters collide: ISA16, the component separator, is not a character of its own; composites are not taken apart"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := brief(reading([]byte(c.input)))
			for i := range got {
				got[i] = strings.TrimPrefix(strings.Replace(strings.Replace(got[i], "ISA1/GS0/ST1/", "", 1), "11:B:1 ", "", 1), "ISA1/GS1/ST1/")
			}
			if c.name == "component separator that is another" {
				got[0] = strings.Replace(got[0], "professional ", "professional 11", 1)
			}
			assert.Equal(t, append(append([]string{}, soundLines...), c.want...), got)
		})
	}
	for _, c := range []struct {
		name  string
		input string
		want  []string
	}{
		{"nothing", "", []string{noISA}},
		{"something else", `{"id":"A1","providers":[]}`, []string{noISA}},
		{"no ISA", sound[106:], []string{noISA}},
		{"half an ISA", sound[:100], []string{noISA}},
		{"two interchanges, delimited each in its way", sound + redelimited("|", ">", "\n"), both},
		{"text between", sound + "\n-- next --\n" + sound, append(append([]string{}, both...), "! text stands between the interchanges: passed over")},
		{"an ISA that nothing closes", with("IEA*1*000000001~", "") + sound, append(append([]string{}, both...), "! IEA missing: what they would close may not be whole")},
		{"cut off, and another file behind it", sound[:strings.Index(sound, "DTP*472")+6] + "\n" + redelimited("|", ">", "_"), append(append([]string{}, claim2...),
			"!! the next interchange begins in the middle of this segment; the claim it is in is lost", "! SE, GE, IEA missing: what they would close may not be whole")},
		{"cut off between segments, and another file behind it", sound[:strings.Index(sound, "DTP*472")] + sound, append(append([]string{}, claim2...),
			"!! the transaction set breaks off within this claim: it cannot be told whether it is whole", "! SE, GE, IEA missing: what they would close may not be whole")},
		{"a terminator that is the separator", with("*P*:~", "*P*:*") + sound, append(append([]string{}, claim2...),
			"!! the delimiters collide: the segment terminator after ISA16 cannot be told from text or from the element separator; the interchange is passed over",
			"! text stands between the interchanges: passed over")},
		{"claims outside of a transaction set", with("ST*837", "XT*837", "SE*8", "XE*8", "GE*1", "GE*0"), []string{
			"!! a claim stands outside of a transaction set (ST to SE): it cannot be read"}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, brief(reading([]byte(c.input)))) })
	}
}

const noISA = "error: there is no ISA segment with its sixteen elements: this is no X12 interchange, or its header is damaged or missing"

func TestDetect(t *testing.T) {
	for path, data := range samples(t) {
		assert.Equal(t, !strings.Contains(path, "no_isa"), Detect(data[:min(len(data), 1024)]), path)
	}
	for _, other := range []string{"", "ISA", "ISA*", sound[:105], `{"resourceType":"Claim"}`, "NPI,Last Name\n1234567893,DOE\n",
		"ISA,NPI,Last Name,First Name,Middle Name,Suffix,Degree,Specialty,Address,City,State,Zip,Phone,Fax,Email,TIN,Taxonomy\n", "PK\x03\x04"} {
		assert.False(t, Detect([]byte(other)), "%q", other)
	}
	assert.True(t, Detect([]byte("sent by A\n"+sound)))
}

// Wherever a file breaks off, the claims before that are the ones it had, and
// the one it breaks off in is reported.
func TestTruncated(t *testing.T) {
	for _, path := range []string{"testdata/837p/imsweb-x12_complex.txt", "testdata/837i/lfh-two-claims-single-provider.837i", "testdata/837p/stupidedi-ppo-repriced-claim.edi"} {
		data := samples(t)[path]
		whole := reading(data)
		ends := claimsEnd(data)
		require.Len(t, whole.records, len(ends))
		for n := range data {
			f := reading(data[:n])
			known := 0 // claims that end before the cut
			for known < len(ends) && ends[known] <= n {
				known++
			}
			if len(f.records) < known || len(f.records) > len(ends) || len(f.records) > 0 && !reflect.DeepEqual(whole.records[:len(f.records)], f.records) {
				require.Equal(t, brief(whole), brief(f), "%s cut off after %d bytes, behind %d claims", path, n, known)
			}
			if f.err == nil && n < len(data)-2 && len(f.faults) == 0 {
				require.Fail(t, "nothing is reported", "%s cut off after %d bytes", path, n)
			}
		}
	}
}

// claimsEnd is behind which byte each claim of a file is known to be whole.
func claimsEnd(data []byte) (ends []int) {
	open, at := false, 0
	for _, seg := range bytes.SplitAfter(data, []byte("~")) {
		tag, _, _ := bytes.Cut(bytes.TrimSpace(seg), []byte("*"))
		switch string(tag) {
		case "CLM", "HL", "SE":
			if open {
				ends = append(ends, at+len(seg))
			}
			open = string(tag) == "CLM"
		}
		at += len(seg)
	}
	return ends
}

// endless gives n times the same byte between two texts.
func endless(before string, n int64, after string) io.Reader {
	return io.MultiReader(strings.NewReader(before), io.LimitReader(sameByte{}, n), strings.NewReader(after))
}

type sameByte struct{}

var manyA = bytes.Repeat([]byte("A"), 1<<20)

func (sameByte) Read(b []byte) (int, error) { return copy(b, manyA), nil }

func TestEndlessSegment(t *testing.T) {
	const claims = "CLM*A1*1***11:B:1~NTE*ADD*|~CLM*A2*1***11:B:1~"
	for name, c := range map[string]struct {
		input string
		want  []string
	}{
		"in a claim": {made(professional, biller+claims), []string{"A2",
			"!! the segment has more than 1 MiB: passed over up to the next terminator; the claim it is in is lost"}},
		"CLM": {made(professional, biller+"CLM*A0*1~CLM*|*1~NM1*82*1*DOE*****XX*1999999992~CLM*A2*1~"), []string{"A0", "A2",
			"!! the segment has more than 1 MiB: passed over up to the next terminator; it is a claim's first: the claim is lost"}},
		"between HL and CLM": {made(professional, biller+"HL*2*1*22*0~NTE*ADD*|~CLM*A1*1~"), []string{"A1",
			"! the segment has more than 1 MiB: passed over up to the next terminator"}},
		"the biller": {made(professional, "HL*1**20*1~NM1*85*2*|*****XX*1234567893~CLM*A1*1~NM1*82*1*DOE*****XX*1999999992~HL*2**20*1~NM1*85*2*X*****XX*1234567893~CLM*A2*1~"), []string{"A2",
			"! the segment has more than 1 MiB: passed over up to the next terminator", "!! the claim's billing or pay-to provider cannot be read"}},
		"HL": {made(professional, biller+"CLM*A1*1~HL*|*20*1~PRV*BI*PXC*1~CLM*A2*1~NM1*82*1*DOE*****XX*1999999992~"), []string{"A1", "A2",
			"! the segment has more than 1 MiB: passed over up to the next terminator", "! no billing provider (NM1*85) stands before the claim: it is read without one"}},
	} {
		t.Run(name, func(t *testing.T) {
			before, after, _ := strings.Cut(c.input, "|")
			var got, faults []string
			var peak uint64
			err := Read(endless(before, 64<<20, after), func(r *record.Record) error {
				got = append(got, r.ID)
				return nil
			}, func(f record.Fault) {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
				mark := "! "
				if f.Lost {
					mark = "!! "
				}
				faults = append(faults, mark+f.Reason)
			})
			require.NoError(t, err)
			assert.Equal(t, c.want, append(got, faults...))
			assert.Less(t, peak, uint64(32<<20))
		})
	}
	t.Run("and no end", func(t *testing.T) {
		require.NoError(t, Read(endless(sound[:200], 64<<20, ""), nil, func(record.Fault) {}))
	})
	t.Run("no interchange", func(t *testing.T) {
		require.Error(t, Read(endless("", 64<<20, ""), nil, nil))
	})
}

// What the sink or the reader says ends the reading.
func TestReadErrors(t *testing.T) {
	enough, broken := errors.New("enough"), errors.New("broken pipe")
	calls := 0
	err := Read(strings.NewReader(sound+sound), func(*record.Record) error { calls++; return enough }, func(record.Fault) {})
	assert.Same(t, enough, err)
	assert.Equal(t, 1, calls)

	calls = 0
	err = Read(io.MultiReader(strings.NewReader(sound), strings.NewReader(sound[:200]), iotest.ErrReader(broken)),
		func(*record.Record) error { calls++; return nil }, func(record.Fault) {})
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, 1, calls, "what came before is yielded")

	assert.ErrorIs(t, Read(iotest.ErrReader(broken), nil, nil), broken)
	assert.ErrorIs(t, Read(lazy{}, nil, nil), io.ErrNoProgress)
	var fault record.Fault
	assert.ErrorAs(t, Read(strings.NewReader("{}"), nil, nil), &fault)
}

type lazy struct{}

func (lazy) Read([]byte) (int, error) { return 0, nil }
