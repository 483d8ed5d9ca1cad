package judge

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

var update = flag.Bool("update", false, "write docs/rules.md anew")

const rulesPage = "../../docs/rules.md"

const preface = `# The rules

<!-- Written from the tables in internal/judge by: go test ./internal/judge -run TestRulesPage -update -->

Version %s of the rules, as it stands in ` + "`rules`" + ` of every result. A record with a bad identifier is ` + "`rejected`" + `
and nobody is asked about it. Else a flag of severity error or warning makes it ` + "`flagged`" + `; an info leaves it ` + "`clean`" + `.

The rules read the record, the day it was received, and of the registry only what the result publishes: the
evidence, the primary taxonomy and the address. So anyone who has record and result can come to the same flags. No
sentence quotes the record; braces stand for what a rule fills in: the role, dates, and the source with its day.

**Codes are predictions.** They are what payers are known or likely to answer: 277CA claim status
(category:status:entity), CARC and RARC. In the tables ` + "`EC`" + ` is the entity code of the role, ` + "`R`" + `, ` + "`RN`" + ` and ` + "`RT`" + ` its
remark codes for NPI, name and taxonomy, ` + "`EL`" + ` its reason code for not being eligible, all from the table of roles;
what a role does not have is left out. A roster goes to no payer, so its roles have none. Payers differ.

## Flags
`

const names = `
## Names

A name is compared with every name the registry has: its own, former, professional and trade names, and for an
organization its parent's. Case, accents, punctuation, titles, credentials and legal forms do not count.

| level | when | flag |
| --- | --- | --- |
| exact | the same | none |
| strong | half of a double name, a nickname, one who goes by the middle name; a former, professional, trade or parent's name; an organization's telling words | none |
| weak | the first four letters of the last name and the first letter of the first, as Medicare's CEDI edit has it; half of the telling words; a business named after its owner | none |
| swapped | first and last name in each other's place | warning |
| mismatch | none of these | warning |

Half a name is compared by what there is. A sole proprietor may call the business anything.
`

// page is docs/rules.md.
func page() string {
	var b strings.Builder
	fmt.Fprintf(&b, preface, Rules)
	for _, code := range record.FlagCodes {
		fmt.Fprintf(&b, "\n### %s\n\n", code)
		if code == record.FlagIncomplete {
			b.WriteString("Severity info. Roster: the registry disagrees, but the update that would be written back lacks a field that must be there. The sentence names the fields. Said where jobs are planned.\n")
			continue
		}
		b.WriteString("| when | severity | sentence | 277CA | CARC | RARC |\n| --- | --- | --- | --- | --- | --- |\n")
		for i := range findings {
			if f := &findings[i]; f.code == code {
				cells(&b, f.when, severity(f), f.says, f.claimStatus, f.carc, f.rarc)
			}
		}
	}
	b.WriteString("\n## Roles\n\n| role | in a sentence | without an NPI | taxonomy not listed | EC | R | RN | RT | EL |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, role := range record.Roles {
		r := ruleOf(role)
		cells(&b, string(role), r.label, string(r.missing), string(r.unlisted), r.entity, r.identifier, r.name, r.taxonomy, r.eligible)
	}
	b.WriteString("\n## Types of NPI\n\nWhat suits a role, and what `wrong_type` costs where something else is found. A claim of no type is read as professional.\n\n" +
		"| role | professional | institutional | dental |\n| --- | --- | --- | --- |\n")
	for _, role := range record.Roles {
		r := ruleOf(role)
		cells(&b, string(role), r.professional.String(), r.institutional.String(), r.dental.String())
	}
	b.WriteString(names)
	return b.String()
}

func cells(b *strings.Builder, of ...string) {
	b.WriteString("|")
	for _, c := range of {
		b.WriteString(" " + cmp.Or(c, "–") + " |")
	}
	b.WriteString("\n")
}

func severity(f *finding) string {
	if f.severity == pass {
		return "by role"
	}
	return string(f.severity)
}

// String is an expectation as the page tells it.
func (e expectation) String() string {
	said := []string{}
	add := func(what string, s record.Severity) {
		if s != pass {
			said = append(said, what+": "+string(s))
		}
	}
	misnamed := ""
	switch e.want {
	case record.NPI1:
		said, misnamed = append(said, "a person"), "NPI-1 of one said to be an organization"
	case record.NPI2:
		said, misnamed = append(said, "an organization"), "NPI-2 of one said to be a person"
	default:
		said = append(said, "as the record says")
	}
	if e.want != record.NPI1 {
		add("NPI-1", e.person)
		if e.sole != e.person {
			said = append(said, "NPI-1 of a sole proprietor: "+cmp.Or(string(e.sole), "fine"))
		}
	}
	if e.want != record.NPI2 {
		add("NPI-2", e.group)
		if e.groupSaid != e.group {
			add("NPI-2 of one said to be an organization", e.groupSaid)
		}
	}
	add(misnamed, e.misnamed)
	return strings.Join(said, "; ")
}

func TestRulesPage(t *testing.T) {
	want := page()
	if *update {
		require.NoError(t, os.WriteFile(rulesPage, []byte(want), 0o644))
	}
	got, err := os.ReadFile(rulesPage)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "docs/rules.md is not what the tables say: go test ./internal/judge -run TestRulesPage -update")
	for i := range findings {
		assert.True(t, slices.Contains(strings.Split(want, "\n"), "### "+string(findings[i].code)))
	}
}
