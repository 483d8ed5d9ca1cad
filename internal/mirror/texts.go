package mirror

import (
	_ "embed"
	"slices"
	"strings"
)

// countries.txt has a country's code and name, which are mostly those of the
// Unicode CLDR: of CMS's own names, only "United States" was ever seen.
//
//go:embed countries.txt
var countryLines string

var countries = countryNames(countryLines)

func countryNames(lines string) map[string]string {
	names := map[string]string{}
	for line := range strings.Lines(lines) {
		code, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		names[code] = name
	}
	return names
}

// countryName says of codes that are none what CMS says of AA.
func countryName(code string) string {
	if name := countries[code]; name != "" {
		return name
	}
	return "Unknown Country Name for " + code
}

// identifierKinds are what CMS calls the codes of other identifiers: 01 and 05
// as its API was seen to, the others as its code values have them.
var identifierKinds = map[string]string{
	"01": "Other (non-Medicare)",
	"02": "MEDICARE UPIN",
	"04": "MEDICARE ID-TYPE UNSPECIFIED",
	"05": "MEDICAID",
	"06": "MEDICARE OSCAR/CERTIFICATION",
	"07": "MEDICARE NSC",
	"08": "MEDICARE PIN",
}

// nameKinds are what CMS calls the codes of other names.
var nameKinds = map[string]string{
	"1": "Former Name",
	"2": "Professional Name",
	"3": "Doing Business As",
	"4": "Former Legal Business Name",
	"5": "Other Name",
}

// nicknames are first names that stand for each other, a group a line.
const nicknames = `
ALEXANDER ALEX
ANDREW ANDY DREW
ANTHONY TONY
BENJAMIN BEN
CATHERINE KATHERINE KATHRYN CATHY KATHY KATE KATIE
CHARLES CHUCK CHARLIE
CHRISTINE CHRISTINA CHRIS TINA
CHRISTOPHER CHRIS
DANIEL DAN DANNY
DAVID DAVE
DEBORAH DEBRA DEB DEBBIE
EDWARD ED EDDIE
ELIZABETH LIZ BETH BETTY
JAMES JIM JIMMY JAMIE
JENNIFER JEN JENNY
JOHN JACK JOHNNY
JOSEPH JOE JOEY
KENNETH KEN
MARGARET MAGGIE PEGGY MEG
MATTHEW MATT
MICHAEL MIKE
NICHOLAS NICK
PATRICIA PAT PATTY TRICIA
REBECCA BECKY
RICHARD RICH RICK DICK
ROBERT ROB BOB BOBBY
SAMUEL SAM
STEPHEN STEVEN STEVE
SUSAN SUE SUSIE
THOMAS TOM TOMMY
TIMOTHY TIM
WILLIAM WILL BILL BILLY
`

// aliasesOf are the other names of the groups that a first name is in.
func aliasesOf(first string) (aliases []string) {
	first = strings.ToUpper(first)
	for line := range strings.Lines(nicknames) {
		if group := strings.Fields(line); slices.Contains(group, first) {
			aliases = append(aliases, group...)
		}
	}
	return aliases
}
