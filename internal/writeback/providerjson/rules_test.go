package providerjson

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// breach is a valid document, what is done to it, and what the rules find
// then: all of it, errors as they are and warnings behind a question mark.
type breach struct {
	kind   string
	action Action
	edits  string // path=JSON; nothing behind the sign deletes; separated by blanks
	finds  string
}

// families are the breaches by section.
var families = map[string][]breach{
	"top": topBreaches, "basic": basicBreaches, "individuals": individualBreaches, "organizations": organizationBreaches,
	"other names": nameBreaches, "addresses": addressBreaches, "licenses": licenseBreaches, "taxonomies": taxonomyBreaches,
	"identifiers": identifierBreaches, "affiliations": affiliationBreaches, "wrong types": typeBreaches,
}

func (b breach) report(t testing.TB) Report {
	t.Helper()
	d := valid(t, b.kind, b.action)
	for _, e := range strings.Fields(b.edits) {
		path, value, _ := strings.Cut(e, "=")
		edited(t, d, path, strings.ReplaceAll(value, "_b_", " "))
	}
	return Validate(encode(t, d), b.action, today, nil)
}

func found(r Report) string {
	var all []string
	for _, f := range r.Errors {
		all = append(all, f.Rule)
	}
	for _, f := range r.Warnings {
		all = append(all, "?"+f.Rule)
	}
	return strings.Join(all, " ")
}

func TestRules(t *testing.T) {
	for family, breaches := range families {
		t.Run(family, func(t *testing.T) {
			for _, b := range breaches {
				assert.Equal(t, b.finds, found(b.report(t)), "%s %s %s", b.kind, b.action, b.edits)
			}
		})
	}
}

// listed gives the rules of testdata/rules.txt with the limits of lengths,
// else 0.
func listed(t testing.TB) (rules map[string]int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "rules.txt"))
	require.NoError(t, err)
	rules = map[string]int{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			rule, limit, _ := strings.Cut(line, " ")
			rules[rule], _ = strconv.Atoi(limit)
		}
	}
	return rules
}

var place = regexp.MustCompile(`#\d+$`)

// TestEveryRule: each rule there is finds something in some breach, and
// nothing is found by another.
func TestEveryRule(t *testing.T) {
	raised := map[string]bool{}
	for _, breaches := range families {
		for _, b := range breaches {
			for rule := range strings.FieldsSeq(b.finds) {
				raised[place.ReplaceAllString(strings.TrimPrefix(rule, "?"), "")] = true
			}
		}
	}
	for _, rule := range strings.Fields("T-ACTION T-JSON T-OBJECT") { // TestNoDocument
		raised[rule] = true
	}
	rules := listed(t)
	for rule, limit := range rules {
		if limit == 0 { // else TestLengths
			assert.True(t, raised[rule], "no breach is found by %s", rule)
		}
	}
	for rule := range raised {
		if _, known := rules[rule]; !known {
			assert.True(t, strings.HasPrefix(rule, "wrong-type:"), "%s is not listed", rule)
		}
	}
}

// lists is where the members are that a class of lengths is about.
var lists = map[string]string{"B-LEN": "basic", "N-LEN": "other_names", "A-LEN": "addresses", "I-LEN": "identifiers", "F-LEN": "affiliations"}

func TestLengths(t *testing.T) {
	checked := 0
	for rule, limit := range listed(t) {
		if limit == 0 {
			continue
		}
		class, member, _ := strings.Cut(rule, ":")
		path, at := lists[class]+"."+member, ""
		if class != "B-LEN" {
			path, at = lists[class]+".0."+member, "#0"
		}
		for _, kind := range everyType {
			for _, a := range everyAction {
				d := valid(t, kind, a)
				if class != "B-LEN" && d[lists[class]] == nil {
					d[lists[class]] = []any{map[string]any{}}
				}
				length := func(text string) bool {
					edited(t, d, path, `"`+text+`"`)
					return strings.Contains(" "+found(Validate(encode(t, d), a, today, nil))+" ", " "+rule+at+" ")
				}
				assert.False(t, length(strings.Repeat("x", limit)), "%s %s %s: as long as may be", rule, kind, a)
				assert.True(t, length(strings.Repeat("x", limit+1)), "%s %s %s: one more", rule, kind, a)
				assert.False(t, length(strings.Repeat("x", limit)+"éé"), "%s %s %s: only ASCII counts", rule, kind, a)
			}
		}
		checked++
	}
	assert.Equal(t, checked, limited(), "every limit there is was looked at, but those of licenses")
}

// limited counts the members that have a limit.
func limited() (n int) {
	for i, s := range sections {
		for _, m := range s.shape.members {
			if m.max > 0 && i != licenses {
				n++
			}
		}
	}
	return n
}

func TestNoDocument(t *testing.T) {
	for text, rule := range map[string]string{
		"":                             "T-JSON",
		" ":                            "T-JSON",
		"x":                            "T-JSON",
		"{":                            "T-JSON",
		"{}{}":                         "T-JSON", // more behind its end
		"{} x":                         "T-JSON",
		"{'number': 1}":                "T-JSON", // quoted as Python prints
		"{\"number\": NaN}":            "T-JSON",
		"{\"number\": \"a\nb\"}":       "T-JSON", // a line end within a text
		"{\"number\": \"\xff\"}":       "T-JSON", // not UTF-8
		"\ufeff{}":                     "T-JSON", // a byte order mark
		"[1":                           "T-JSON",
		"{\"basic\": {\"ssn\": 1}":     "T-JSON",
		"{\"addresses\": [{}, }":       "T-JSON",
		"[]":                           "T-OBJECT",
		"null":                         "T-OBJECT",
		"\"{}\"":                       "T-OBJECT",
		"{}":                           "T-TYPE-MISSING",
		" {\"Enumeration_Type\": 1}\n": "T-TYPE-MISSING", // names have a case
	} {
		for _, a := range everyAction {
			assert.Equal(t, rule, found(Validate([]byte(text), a, today, nil)), "%q", text)
		}
		assert.Equal(t, "T-ACTION", found(Validate([]byte(text), "delete", today, nil)), "it comes first")
	}
	r := Validate([]byte("{\"number\":\n \"x\", }"), Update, today, nil)
	assert.Regexp(t, `^The document is not JSON: something is wrong at line 2, column \d+\.$`, r.Errors[0].Message)
	r = Validate([]byte("{"), Update, today, nil)
	assert.Equal(t, "The document is not JSON: it ends too early at line 1, column 2.", r.Errors[0].Message)
}

func TestActionInAnyCase(t *testing.T) {
	assert.Empty(t, found(Validate(encode(t, valid(t, Organization, Update)), "UPDATE", today, nil)))
}
