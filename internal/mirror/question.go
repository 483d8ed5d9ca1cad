package mirror

import (
	"cmp"
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/record"
)

// version is the only one that CMS still serves.
const version = "2.1"

// The bounds of a page. CMS makes 200 of more and 10 of none.
const (
	defaultLimit = 10
	maxLimit     = 200
)

// refusal is one entry of an Errors answer.
type refusal struct {
	Description string `json:"description"`
	Field       string `json:"field"`
	Number      string `json:"number"`
}

// The refusals, in CMS's words.
func fewLeading(field string) refusal {
	return refusal{"Wildcards require at least two leading characters", field, "03"}
}

func badCharacters(field string) refusal {
	return refusal{"Field contains special character(s) or wrong number of characters", field, "05"}
}

var (
	noCriterion        = refusal{"No valid search criteria provided", "generic", "04"}
	notTenDigits       = refusal{"NPI must be 10 digits", "number", "06"}
	stateAlone         = refusal{"Field state requires additional search criteria", "state", "07"}
	typeAlone          = refusal{"Enumeration_type requires additional search criteria", "enumeration_type", "09"}
	unsupportedVersion = refusal{"Unsupported Version", "version", "17"}
)

// specials are what a text may have besides letters, digits and blanks; an
// organization's name may have "@", too.
const specials = `&':,/-().#";`

// zip9 is a ZIP+4 as people write it; CMS leaves the hyphen out.
var zip9 = regexp.MustCompile(`^(\d{5})-(\d{4})$`)

// asked is a sound question of the NPPES API.
type asked struct {
	query       local.Query
	alone       bool // nothing but a number is asked for
	skip, limit int
	pretty      bool
}

// parameters are those of a question. A semicolon may stand in a name; it does
// not part parameters, and net/url would drop one that has it. What is not
// encoded as it must be is not there.
func parameters(u *url.URL) url.Values {
	v, _ := url.ParseQuery(strings.ReplaceAll(u.RawQuery, ";", "%3B"))
	return v
}

// parse reads the parameters. It gives every refusal there is for a field; what
// a question as a whole lacks is only said where every field is sound.
func parse(v url.Values) (asked, []refusal) {
	if strings.TrimSpace(v.Get("version")) != version {
		return asked{}, []refusal{unsupportedVersion}
	}
	p := parser{values: v}
	q := local.Query{
		NPI:  p.number(),
		Type: p.word("enumeration_type", record.NPI1, record.NPI2),

		FirstName:    p.text("first_name", specials),
		LastName:     p.text("last_name", specials),
		Whose:        whose[p.word("name_purpose", "PROVIDER", "AO")],
		Organization: p.text("organization_name", specials+"@"),
		Taxonomy:     p.text("taxonomy_description", specials),

		Purpose:    p.word("address_purpose", "LOCATION", "MAILING", "PRIMARY", "SECONDARY"),
		City:       p.text("city", specials),
		State:      p.letters("state"),
		PostalCode: p.text("postal_code", "-"),
		Country:    p.letters("country_code"),
	}
	q.PostalCode.Value = zip9.ReplaceAllString(q.PostalCode.Value, "$1$2")
	if !q.FirstName.Prefix && !strings.EqualFold(p.get("use_first_name_alias"), "false") {
		q.Aliases = aliasesOf(q.FirstName.Value)
	}
	if len(p.refusals) == 0 {
		p.refusals = lacks(&q)
	}
	a := asked{query: q, limit: p.count("limit"), skip: max(p.count("skip"), 0)}
	if a.limit <= 0 {
		a.limit = defaultLimit
	}
	a.limit = min(a.limit, maxLimit)
	a.pretty = strings.EqualFold(p.get("pretty"), "true") || strings.EqualFold(p.get("pretty"), "on")
	a.alone = p.criteria == 1 && q.NPI != 0
	return a, p.refusals
}

var whose = map[string]local.Whose{"": local.Anybody, "PROVIDER": local.TheProvider, "AO": local.TheOfficial}

// lacks says what is missing beside criteria that cannot stand alone.
func lacks(q *local.Query) (missing []refusal) {
	stands := q.NPI != 0 || cmp.Or(q.FirstName.Value, q.LastName.Value, q.Organization.Value, q.Taxonomy.Value, q.City.Value, q.PostalCode.Value) != ""
	abroad := q.Country != "" && !strings.EqualFold(q.Country, "US")
	if !stands && q.State != "" {
		missing = append(missing, stateAlone)
	}
	if !stands && !abroad && q.Type != "" {
		missing = append(missing, typeAlone)
	}
	if !stands && !abroad && len(missing) == 0 {
		missing = append(missing, noCriterion)
	}
	return missing
}

// parser reads one parameter after the other.
type parser struct {
	values   url.Values
	refusals []refusal
	criteria int // that were given
}

func (p *parser) get(field string) string { return strings.TrimSpace(p.values.Get(field)) }

// criterion is get for what is searched by.
func (p *parser) criterion(field string) string {
	s := p.get(field)
	if s != "" {
		p.criteria++
	}
	return s
}

func (p *parser) refuse(r refusal) { p.refusals = append(p.refusals, r) }

func (p *parser) number() record.NPI {
	s := p.criterion("number")
	npi, ok := record.ParseNPI(s)
	switch {
	case s == "":
	case !ok:
		p.refuse(notTenDigits)
	case npi == 0:
		return 1 // as little an NPI as ten zeros, which would be none to ask for
	}
	return npi
}

// word takes one of the known words.
func (p *parser) word(field string, known ...string) string {
	s := p.criterion(field)
	for _, k := range known {
		if strings.EqualFold(s, k) {
			return k
		}
	}
	if s != "" {
		p.refuse(badCharacters(field))
	}
	return ""
}

// letters takes two of them.
func (p *parser) letters(field string) string {
	s := p.criterion(field)
	for _, r := range s {
		if !unicode.IsLetter(r) || len(s) != 2 {
			p.refuse(badCharacters(field))
			return ""
		}
	}
	return s
}

// text takes letters, digits, blanks and the characters allowed, and an
// asterisk, which at the end means that anything may follow. CMS does not
// refuse one elsewhere: nothing is called so.
func (p *parser) text(field, allowed string) local.Text {
	s := p.criterion(field)
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && r != ' ' && r != '*' && !strings.ContainsRune(allowed, r) {
			p.refuse(badCharacters(field))
			return local.Text{}
		}
	}
	stem, wild := strings.CutSuffix(s, "*")
	if wild && utf8.RuneCountInString(strings.TrimSpace(stem)) < 2 {
		p.refuse(fewLeading(field))
		return local.Text{}
	}
	return local.Text{Value: stem, Prefix: wild}
}

// count takes a number, 0 where there is none. One beyond all bounds is the
// largest there is.
func (p *parser) count(field string) int {
	n, err := strconv.Atoi(p.get(field))
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return n
}
