package x12

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// guide is what a made file says it is.
type guide struct{ isa, version string }

var (
	professional = guide{"00501", "005010X222A1"}
	dental       = guide{"00501", "005010X224A2"}
	hospital     = guide{"00501", "005010X223A2"}
	oldOffice    = guide{"00401", "004010X098A1"}
	oldHospital  = guide{"00401", "004010X096A1"}
)

const biller = "HL*1**20*1~NM1*85*2*CLINIC*****XX*1234567893~"

// made is a sound interchange around the content of one transaction set.
func made(g guide, content string) string {
	body := "ST*837*0001*" + g.version + "~BHT*0019*00*1*20260801*1200*CH~" + content
	n := strings.Count(body, "~") + 1
	return fmt.Sprintf("ISA*00*          *00*          *ZZ*A              *ZZ*B              *260801*1200*^*%s*000000001*0*P*:~"+
		"GS*HC*A*B*20260801*1200*1*X*%s~%sSE*%d*0001~GE*1*1~IEA*1*000000001~", g.isa, g.version, body, n)
}

// brief is a reading as a few lines: claims, mentions as "role npi line
// path", faults as "! reason", or "!! reason" where a claim is lost.
func brief(f found) []string {
	var lines []string
	for _, r := range f.records {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", r.ID, r.ClaimType, r.Place, r.ServiceFrom, r.ServiceTo)))
		for _, m := range r.Mentions {
			text := "  " + string(m.Role) + " " + m.NPI
			if m.Line > 0 {
				text += fmt.Sprintf(" line %d", m.Line)
			}
			if m.OtherID {
				text += " other"
			}
			lines = append(lines, text+" "+strings.TrimPrefix(m.Path, "ISA1/GS1/ST1/"))
		}
	}
	for _, x := range f.faults {
		mark := "! "
		if x.Lost {
			mark = "!! "
		}
		lines = append(lines, mark+x.Reason)
	}
	if f.err != nil {
		lines = append(lines, "error: "+f.err.Error())
	}
	return lines
}

func TestMade(t *testing.T) {
	const clm = "CLM*A1*100***11:B:1*Y*A*Y*Y~"
	const atHome = "A1 professional 11"
	const byClinic = "  billing 1234567893 HL1/2010AA/NM109"
	for _, c := range []struct {
		name  string
		input string
		want  []string
	}{
		{"line over claim, and a line that repeats the claim", made(professional, biller+clm+
			"NM1*82*1*DOE*JANE****XX*1000000004~LX*1~NM1*82*1*DOE*JANE****XX*1000000004~LX*2~NM1*82*1*ROE*RICHARD****XX*1999999992~"+
			"LX*3~NM1*82*1*ROE*JANE****XX*1000000004~"), []string{
			atHome, byClinic,
			"  rendering 1000000004 CLM1/2310B/NM109",
			"  rendering 1999999992 line 2 CLM1/LX2/2420A/NM109",
			"  rendering 1000000004 line 3 CLM1/LX3/2420A/NM109", // another name
		}},
		{"lines that are dated apart, in no order", made(professional, biller+clm+
			"LX*1~DTP*472*D8*20260301~LX*2~DTP*472*RD8*20260105-20260110~DTP*573*D8*20270101~"), []string{
			atHome + " 2026-01-05 2026-03-01", byClinic}},
		{"dates of a hospital's claim", made(hospital, biller+clm+
			"DTP*435*DT*202601010800~DTP*434*RD8*20260102-20260105~LX*1~DTP*472*D8*20251231~"), []string{
			"A1 institutional  2026-01-02 2026-01-05", byClinic}},
		{"a hospital's claim dated by its lines only", made(hospital, biller+clm+"LX*1~DTP*472*D8*20251231~"), []string{
			"A1 institutional  2025-12-31 2025-12-31", byClinic}},
		{"dates of a dentist's claim", made(dental, biller+clm+
			"DTP*472*D8*20260102~LX*1~DTP*441*D8*20200101~DTP*472*D8*20260103~"), []string{
			"A1 dental 11 2026-01-02 2026-01-03", byClinic}},
		{"days that are none", made(professional, biller+clm+"LX*1~DTP*472*D8*20260230~LX*2~DTP*472*RD8*20260110-20260105~LX*3~DTP*472*D8~"), []string{
			atHome, byClinic, "! " + notDays, "! " + notDays, "! " + notDays}},
		{"every loop of a professional claim", made(professional, biller+clm+
			"NM1*DN*1*A*****XX*1~NM1*P3*1*B*****XX*2~NM1*82*1*C*****XX*3~NM1*77*2*D*****XX*4~NM1*DQ*1*E*****XX*5~"+
			"LX*7~NM1*82*1*F*****XX*6~NM1*QB*2******XX*7~NM1*77*2*G*****XX*8~NM1*DQ*1*H*****XX*9~NM1*DK*1*I*****XX*10~NM1*DN*1*J*****XX*11~NM1*P3*1*K*****XX*12~"), []string{
			atHome, byClinic,
			"  referring 1 CLM1/2310A/NM109", "  pcp 2 CLM1/2310A-2/NM109", "  rendering 3 CLM1/2310B/NM109",
			"  service_facility 4 CLM1/2310C/NM109", "  supervising 5 CLM1/2310D/NM109",
			"  rendering 6 line 7 CLM1/LX1/2420A/NM109", "  purchased_service 7 line 7 CLM1/LX1/2420B/NM109",
			"  service_facility 8 line 7 CLM1/LX1/2420C/NM109", "  supervising 9 line 7 CLM1/LX1/2420D/NM109",
			"  ordering 10 line 7 CLM1/LX1/2420E/NM109", "  referring 11 line 7 CLM1/LX1/2420F/NM109", "  pcp 12 line 7 CLM1/LX1/2420F-2/NM109",
		}},
		{"every loop of an institutional claim", made(hospital, biller+clm+
			"NM1*71*1*A*****XX*1~NM1*72*1*B*****XX*2~NM1*ZZ*1*C*****XX*3~NM1*82*1*D*****XX*4~NM1*77*2*E*****XX*5~NM1*DN*1*F*****XX*6~"+
			"LX*1~NM1*72*1*G*****XX*7~NM1*ZZ*1*H*****XX*8~NM1*82*1*I*****XX*9~NM1*DN*1*J*****XX*10~"), []string{
			"A1 institutional", byClinic,
			"  attending 1 CLM1/2310A/NM109", "  operating 2 CLM1/2310B/NM109", "  other_operating 3 CLM1/2310C/NM109",
			"  rendering 4 CLM1/2310D/NM109", "  service_facility 5 CLM1/2310E/NM109", "  referring 6 CLM1/2310F/NM109",
			"  operating 7 line 1 CLM1/LX1/2420A/NM109", "  other_operating 8 line 1 CLM1/LX1/2420B/NM109",
			"  rendering 9 line 1 CLM1/LX1/2420C/NM109", "  referring 10 line 1 CLM1/LX1/2420D/NM109",
		}},
		{"every loop of a dental claim", made(dental, biller+clm+
			"NM1*DN*1*A*****XX*1~NM1*P3*1*B*****XX*2~NM1*82*1*C*****XX*3~NM1*77*2*D*****XX*4~NM1*DD*1*E*****XX*5~NM1*DQ*1*F*****XX*6~"+
			"LX*1~NM1*82*1*G*****XX*7~NM1*DD*1*H*****XX*8~NM1*DQ*1*I*****XX*9~NM1*77*2*J*****XX*10~"), []string{
			"A1 dental 11", byClinic,
			"  referring 1 CLM1/2310A/NM109", "  pcp 2 CLM1/2310A-2/NM109", "  rendering 3 CLM1/2310B/NM109",
			"  service_facility 4 CLM1/2310C/NM109", "  assistant_surgeon 5 CLM1/2310D/NM109", "  supervising 6 CLM1/2310E/NM109",
			"  rendering 7 line 1 CLM1/LX1/2420A/NM109", "  assistant_surgeon 8 line 1 CLM1/LX1/2420B/NM109",
			"  supervising 9 line 1 CLM1/LX1/2420C/NM109", "  service_facility 10 line 1 CLM1/LX1/2420D/NM109",
		}},
		{"004010: no NPIs yet, a pay-to provider, facilities of several kinds", made(oldOffice,
			"HL*1**20*1~PRV*BI*ZZ*207Q00000X~NM1*85*2*CLINIC*****24*123456789~NM1*87*2*BANK*****XX*1245319599~"+clm+
				"NM1*82*1*DOE*JANE****34*123456789~NM1*FA*2*PLACE*****XX*1999999984~LX*1~NM1*TL*2*LAB*****XX*1999999992~"), []string{
			atHome, "  billing  other HL1/2010AA/NM109", "  pay_to 1245319599 HL1/2010AB/NM109",
			"  rendering  other CLM1/2310B/NM109", "  service_facility 1999999984 CLM1/2310D/NM109",
			"  service_facility 1999999992 line 1 CLM1/LX1/2420C/NM109",
		}},
		{"004010: a hospital's other provider, dated with one day", made(oldHospital, biller+clm+"DTP*434*D8*20040105~NM1*73*1*DOE*JANE****XX*1999999992~"), []string{
			"A1 institutional  2004-01-05 2004-01-05", byClinic, "  other_operating 1999999992 CLM1/2310C/NM109"}},
		{"no guide named: the lines tell", made(guide{"00501", ""}, biller+clm+"NM1*82*1*DOE*****XX*1999999992~LX*1~SV3*AD:D0230*44~"), []string{
			"A1 dental 11", byClinic, "  rendering 1999999992 CLM1/2310B/NM109"}},
		{"a guide that is not known", made(guide{"00501", "006020X323"}, biller+clm+"LX*1~SV1*HC:99213*1~"), []string{
			atHome, byClinic, "! ST03 or GS08 names no guide of claims that is known (005010X222, X223, X224; 004010X098, X096, X097): read like the one that is nearest"}},
		{"pay-to of 005010 is an address", made(professional, biller+"NM1*87*2******XX*1245319599~REF*EI*999999999~"+clm), []string{atHome, byClinic}},
		{"24 in 005010", made(professional, biller+clm+"NM1*82*1*DOE*JANE****24*123456789~"), []string{
			atHome, byClinic, "  rendering  CLM1/2310B/NM109", "! " + notXX}},
		{"identifiers as they stand", made(professional, biller+clm+"NM1*82*1*DOE*JANE****XX* 1 23456789X ~"), []string{
			atHome, byClinic, "  rendering 1 23456789X CLM1/2310B/NM109"}},
		{"a member in a provider's place", made(hospital, biller+clm+"NM1*71*1*DOE*JOHN****MI*030005074~"), []string{
			"A1 institutional", byClinic, "! NM108 says that NM109 is the number of an insured person: left out, for it is no provider's"}},
		{"an attending provider in a professional claim", made(professional, biller+clm+"NM1*71*1*DOE*JANE****XX*1999999992~NM1*72*1*DOE*JOHN~"), []string{
			atHome, byClinic, "  attending 1999999992 CLM1/2310/NM109"}},
		{"nobody's NPIs", made(professional, "NM1*41*2*SENDER*****46*1999999992~NM1*40*2*PAYER*****46*1999999984~"+biller+
			"HL*2*1*22*0~NM1*IL*1*DOE*JOHN****MI*1999999992~NM1*PR*2*PAYER*****XV*1999999992~"+clm+
			"NM1*PW*2~NM1*45*2*HOSPITAL~SBR*S*18~NM1*82*1~NM1*85*2~LX*1~"), []string{atHome, byClinic}},
		{"another payer's biller without an SBR before it", made(professional, biller+clm+"NM1*85*2~LX*1~"), []string{atHome, byClinic}},
		{"no NM102", made(professional, biller+clm+"NM1*82**DOE*JANE****XX*1000000004~PRV*BI*PXC*1~"), []string{
			atHome, byClinic, "  rendering 1000000004 CLM1/2310B/NM109"}},
		{"SB for SBR", made(professional, biller+clm+"SB*S*18~NM1*IL*1*DOE*JOHN****MI*123~NM1*85*2~NM1*DN*1~LX*1~"), []string{atHome, byClinic}},
		{"an atypical biller: the payer's own number in 2010BB", made(professional, "HL*1**20*1~NM1*85*2*TAXI~HL*2*1*22*0~NM1*IL*1*DOE*JOHN****MI*1~REF*G2*5~NM1*PR*2*PAYER*****PI*1~REF*G2*777~"+clm+
			"HL*3*1*22*0~NM1*PR*2*PAYER*****PI*1~CLM*A2*1***41:B:1~"), []string{
			atHome, "  billing  other HL1/2010AA/NM109", "A2 professional 41", "  billing  HL1/2010AA/NM109"}},
		{"the payer's own number where only the member has one", made(professional, "HL*1**20*1~NM1*85*2*TAXI~HL*2*1*22*0~NM1*IL*1*DOE*JOHN****MI*1~REF*G2*5~"+clm), []string{
			atHome, "  billing  HL1/2010AA/NM109"}},
		{"two billers, two members, a dependent", made(professional, biller+"HL*2*1*22*0~"+clm+"HL*3*1*22*1~HL*4*3*23*0~CLM*A2*1***12:B:1~"+
			"HL*5**20*1~NM1*85*1*ROE*RICHARD****XX*1999999992~HL*6*5*22*0~CLM*A3*1***99:B:1~"), []string{
			atHome, byClinic, "A2 professional 12", byClinic, "A3 professional 99", "  billing 1999999992 HL5/2010AA/NM109"}},
		{"CLM without any HL", made(professional, "NM1*85*2*CLINIC*****XX*1234567893~"+clm+"NM1*82*1*DOE*****XX*1999999992~CLM*A2*1***11:B:1~"), []string{
			atHome, "  billing 1234567893 2010AA/NM109", "  rendering 1999999992 CLM1/2310B/NM109", "A2 professional 11", "  billing 1234567893 2010AA/NM109",
			"! a claim stands before any HL: it has a billing provider only if NM1*85 stands before it"}},
		{"no biller", made(professional, "HL*1**20*1~"+clm+"NM1*82*1*DOE*****XX*1999999992~CLM*A2*1***11:B:1~"), []string{
			atHome, "  rendering 1999999992 CLM1/2310B/NM109",
			"! no billing provider (NM1*85) stands before the claim: it is read without one",
			"!! the claim names no provider at all: there is nothing to vet"}},
		{"a biller whose HL is missing", made(professional, biller+clm+"LX*1~NM1*85*2*OTHER*****XX*1999999992~HL*3*1*22*0~CLM*A2*1***11:B:1~"), []string{
			atHome, byClinic, "A2 professional 11", "  billing 1999999992 HL1/2010AA/NM109",
			"! a billing provider stands within a claim: read as if an HL stood before it that begins a new billing provider"}},
		{"claims that no result could name", made(professional, biller+"CLM**1~CLM* A2*1~CLM*A\x013*1~CLM*"+strings.Repeat("A", 257)+"*1~CLM*A5  *1~CLM~"), []string{
			"A5 professional", byClinic,
			"!! CLM01, the claim's number, is missing: without it no result could name the claim",
			"!! CLM01, the claim's number, has control characters or blanks around it",
			"!! CLM01, the claim's number, has control characters or blanks around it",
			"!! CLM01, the claim's number, has more than 256 bytes",
			"!! CLM01, the claim's number, is missing: without it no result could name the claim"}},
		{"texts without end", made(professional, "HL*1**20*1~NM1*85*2*"+strings.Repeat("A", 513)+"*****XX*1234567893~"+clm+
			biller+"CLM*A2*1~NM1*82*1*DOE*****XX*"+strings.Repeat("1", 513)+"~CLM*A3*1~"), []string{
			"A3 professional", "  billing 1234567893 HL2/2010AA/NM109",
			"! a text has more than 512 bytes: the claims of this provider cannot be used",
			"!! the claim's billing or pay-to provider cannot be read",
			"!! a provider of the claim has a text of more than 512 bytes"}},
		{"more providers than any claim has", made(professional, biller+clm+strings.Repeat("NM1*82*1*DOE*****XX*1999999992~", 5001)+"CLM*A2*1~"), []string{
			"A2 professional", byClinic, "!! the claim names more than 5000 providers"}},
		{"a line without a number", made(professional, biller+clm+"LX*1~LX*X~NM1*DK*1*DOE*****XX*1999999992~"), []string{
			atHome, byClinic, "  ordering 1999999992 line 2 CLM1/LX2/2420E/NM109",
			"! LX01, the line's number, is no number from 1: the line's place in the claim is taken"}},
		{"a place of service that is none", made(professional, biller+"CLM*A1*1***1:B~CLM*A2*1***1A~CLM*A3*1***:B~"), []string{
			"A1 professional", byClinic, "A2 professional", byClinic, "A3 professional", byClinic}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, brief(reading([]byte(c.input)))) })
	}
}

const (
	notDays = "DTP03 is not a day of the calendar or a span of days (CCYYMMDD, CCYYMMDD-CCYYMMDD): the date of service is not read"
	notXX   = "NM108 is not XX: NM109 is not taken for an NPI, nor NM103 to NM107 for the names of a provider"
)

// What a claim says of its providers.
func TestProviders(t *testing.T) {
	f := reading([]byte(made(professional, "HL*1**20*1~PRV*BI*PXC*207Q00000X~NM1*85*2*M\xfcLLER CLINIC *****XX*1234567893~N3*1 MAIN ST*SUITE 2~N4*ANYTOWN*MD*20705-1234*US~REF*0B*L1~REF*EI*123456789~"+
		"NM1*87*2~N3*2 BANK ST~N4*MONEYTOWN*DE*11111~NM1*PE*2*PLAN*****PI*1~REF*EI*999999999~"+
		"HL*2*1*22*0~NM1*IL*1*DOE*JOHN****MI*1~N3*3 HOME ST~N4*HOMETOWN*MD*22222~DMG*D8*19700101*M~REF*SY*111111111~"+
		"CLM*A1*1***11:B:1~REF*EI*888888888~NM1*82*1*DOE*JANE*(MD)**III*XX*1000000004~PRV*PE*PXC*208D00000X~N3*4 STREET~REF*LU*5~NM1*77*2*PLACE~N3*5 PLACE ST~N4*PLACETOWN*MD*33333~PRV*PE*XX*NO~"+
		"CLM*A2*1***11:B:1~")))
	require.NoError(t, f.err)
	require.Empty(t, f.faults)
	require.Len(t, f.records, 2)
	clinic := record.Mention{
		Role: record.Billing, NPI: "1234567893", Path: "ISA1/GS1/ST1/HL1/2010AA/NM109", Entity: record.Organization,
		OrganizationName: "MüLLER CLINIC", Taxonomy: "207Q00000X", TIN: "123456789",
		Address: &record.Address{Address1: "1 MAIN ST", Address2: "SUITE 2", City: "ANYTOWN", State: "MD", PostalCode: "207051234", CountryCode: "US"},
	}
	assert.Equal(t, []record.Mention{clinic, {
		Role: record.Rendering, NPI: "1000000004", Path: "ISA1/GS1/ST1/CLM1/2310B/NM109", Entity: record.Person,
		FirstName: "JANE", MiddleName: "(MD)", LastName: "DOE", Suffix: "III", Taxonomy: "208D00000X", OtherID: true,
	}, {
		Role: record.ServiceFacility, Path: "ISA1/GS1/ST1/CLM1/2310C/NM109", Entity: record.Organization, OrganizationName: "PLACE",
		Address: &record.Address{Address1: "5 PLACE ST", City: "PLACETOWN", State: "MD", PostalCode: "33333"},
	}}, f.records[0].Mentions)
	assert.Equal(t, []record.Mention{clinic}, f.records[1].Mentions)
	assert.NotSame(t, f.records[0].Mentions[0].Address, f.records[1].Mentions[0].Address, "a record is its receiver's own")
}
