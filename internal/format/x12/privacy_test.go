package x12

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// masked is a file with all that its patients' segments say made
// unreadable, byte by byte.
func masked(data []byte) []byte {
	out := bytes.Clone(data)
	h, _ := parse(data)
	element, terminator := string([]byte{h.element}), h.terminator
	at, patient := 0, false
	for seg := range bytes.SplitAfterSeq(data, []byte{terminator}) {
		e := strings.Split(strings.TrimSpace(strings.Trim(string(seg), string(terminator))), element)
		from := -1 // the first element to mask
		switch e[0] {
		case "NM1":
			// A member's number in a provider's place makes it a patient.
			if patient = len(e) > 1 && (e[1] == "IL" || e[1] == "QC") || len(e) > 8 && e[8] == "MI"; patient {
				from = 3
			}
		case "N3", "N4", "PER":
			if patient {
				from = 1
			}
		case "REF":
			if patient {
				from = 2
			}
		case "DMG", "HI", "PAT", "K3", "NTE":
			from = 1
		case "SBR":
			from = 3
		}
		if from > 0 {
			mask(out[at:at+len(seg)], element[0], from)
		}
		at += len(seg)
	}
	return out
}

// mask makes letters and digits from the given element on unreadable, but for
// the qualifiers of an NM1.
func mask(seg []byte, element byte, from int) {
	nm1 := bytes.Contains(seg, []byte("NM1"))
	for i, at := range seg {
		switch {
		case at == element:
			from--
		case from <= 0 && alphanumeric(at) && (!nm1 || from != 3-8):
			seg[i] = 'Q'
		}
	}
}

// said is all texts of a reading.
func said(f found) string {
	var b strings.Builder
	for _, r := range f.records {
		fmt.Fprintf(&b, "%+v\n", *r)
		for _, m := range r.Mentions {
			if m.Address != nil {
				fmt.Fprintf(&b, "%+v\n", *m.Address)
			}
		}
	}
	for _, x := range f.faults {
		b.WriteString(x.Error() + "\n")
	}
	if f.err != nil {
		b.WriteString(f.err.Error())
	}
	return b.String()
}

// What is made of the samples does not depend on anything that is a patient's.
func TestPrivacy(t *testing.T) {
	for path, data := range samples(t) {
		if !bytes.HasPrefix(data, isa) || bytes.Contains(data, []byte("ST*999")) {
			continue
		}
		t.Run(path, func(t *testing.T) {
			hidden := masked(data)
			require.Greater(t, bytes.Count(hidden, []byte("QQQ")), 2)
			assert.True(t, assert.ObjectsAreEqual(reading(data), reading(hidden)), "%s", hidden[:min(len(hidden), 2000)])
		})
	}
}

// Whatever a patient's segments hold and wherever they stand, none of it gets
// out.
func TestPatientsAnywhere(t *testing.T) {
	const name, number = "SECRETNAME", "SECRET999"
	segments := []string{
		"NM1*IL*1*" + name + "*" + name + "*" + name + "**" + name + "*MI*" + number, "NM1*QC*1*" + name + "*" + name, "NM1*82*1*" + name + "*" + name + "****MI*" + number,
		"NM1*71*1*" + name + "****" + name + "*HN*" + number, "NM1*77*2*" + name + "*****X*" + number, "NM1*85*1*" + name + "*****II*" + number, "NM1*DN*1*" + name + "*****ZZ*" + number,
		"N3*" + name, "N4*" + name + "*" + name + "*" + name, "DMG*D8*" + number + "*M", "REF*SY*" + number, "REF*G2*" + number, "HI*BK:" + number, "PER*IC*" + name, "PAT*" + name, "SBR*P*" + number,
		"PRV*PE*PXC*" + number, "DTP*472*D8*" + number, "DTP*472*RD8*" + number + "-" + number, "LX*" + number, "LX*" + name, name, name + "*" + number, "NTE*ADD*" + name, "K3*" + name,
		"HL*9*" + number + "*22*" + name, "HL*9**" + name, "CLM*\x01" + name + "*1", "SV1*HC:" + number, "SE*" + number + "*" + number, "GE*" + number + "*" + number, "IEA*" + number + "*" + number,
		"ST*" + name + "*" + number + "*" + name, "GS*" + name, "OI***" + name, "SVD*" + name,
	}
	base := strings.Split(strings.TrimSuffix(made(hospital, biller+"HL*2*1*22*0~NM1*IL*1*"+name+"~CLM*A1*100***11:B:1~SBR*S*18~NM1*IL*1*"+name+"~LX*1~DTP*472*D8*20260301~"), "~"), "~")
	for i := 1; i < len(base); i++ {
		if strings.HasPrefix(base[i], "NM1*85") {
			continue // what stands behind the biller and is nobody else's is the biller's
		}
		for _, s := range segments {
			for _, cut := range []string{"~", ""} { // also where the file ends in the middle of it
				input := strings.Join(base[:i], "~") + "~" + s + cut
				if cut != "" {
					input += strings.Join(base[i:], "~") + "~"
				}
				if strings.HasPrefix(base[i-1], "NM1*85") && strings.HasPrefix(s, "N") || strings.HasPrefix(base[i-1], "NM1*85") && strings.HasPrefix(s, "REF*SY") {
					continue
				}
				out := said(reading([]byte(input)))
				require.NotContains(t, out, name, "%s behind %s", s, base[i-1])
				require.NotContains(t, out, number, "%s behind %s", s, base[i-1])
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	for path, data := range samples(f) {
		if !strings.Contains(path, "many_claims") {
			f.Add(data)
		}
	}
	for _, s := range []string{sound, redelimited("|", ">", "\n"), with("*P*:~", "*P*~"), sound + sound, sound[:150] + "\n" + sound, made(oldHospital, biller+"CLM*A~NM1*73*1*X*****24*1~LX*~")} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := reading(data)
		again := reading(data)
		require.Equal(t, r, again)
		for _, rec := range r.records {
			require.NotEmpty(t, rec.Mentions)
			require.LessOrEqual(t, len(rec.Mentions), maxProviders+2)
			native, err := record.Decode(record.KindClaim, rec.AppendJSON(nil))
			require.NoError(t, err, "the native form takes whatever is read")
			require.Equal(t, rec.ID, native.ID)
			require.Len(t, native.Mentions, len(rec.Mentions))
			for i := range native.Mentions {
				require.Equal(t, rec.Mentions[i].NPI, native.Mentions[i].NPI)
			}
			require.LessOrEqual(t, rec.ServiceFrom, rec.ServiceTo)
		}
		if Detect(data) {
			require.NoError(t, r.err)
		}
	})
}
