package corpus

import (
	"embed"
	"strconv"
	"strings"
)

//go:embed tables headers
var files embed.FS

func read(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(b)
}

// header is a member's header line with its line end, as CMS wrote it.
func header(name string) []byte { return []byte(read("headers/" + name + ".csv")) }

func lines(name string) []string {
	return strings.Split(strings.TrimSpace(read("tables/"+name)), "\n")
}

// names splits a table of single words.
func names(name string) []string { return strings.Fields(read("tables/" + name + ".txt")) }

// phrases splits a table of phrases.
func phrases(name string) []string {
	return strings.Split(strings.Join(lines(name+".txt"), "|"), "|")
}

var (
	lastNames    = names("last_names")
	surnameHeads = names("surname_heads")
	surnameTails = names("surname_tails")
	firstWomen   = names("first_women")
	firstMen     = names("first_men")
	streets      = phrases("streets")
	leads        = phrases("organization_leads")
	cores        = phrases("organization_cores")
	issuers      = phrases("issuers")
	titles       = phrases("titles")

	streetKinds     = []string{" ST", " ST", " ST", " AVE", " AVE", " AVE", " RD", " RD", " DR", " DR", " BLVD", " BLVD", " LN", " CT", " PKWY", " PL", " WAY", " CIR", " HWY", " STREET", " Ave", " Rd", " St."}
	compass         = []string{"N ", "S ", "E ", "W ", "NE ", "SW ", "N. "}
	units           = []string{" STE ", " STE ", " STE ", " SUITE ", " SUITE ", " APT ", " UNIT ", " # ", " FL ", " RM ", " BLDG "}
	forms           = []string{", LLC", " LLC", " INC", ", INC.", " PC", " PLLC", ", P.A.", " CORP", ", INC", " LLP", "", "", "", " OF AMERICA LLC", " & ASSOCIATES, P.C."}
	prefixes        = []string{"DR.", "DR.", "DR.", "MR.", "MRS.", "MS.", "MISS", "PROF.", "--"}
	suffixes        = []string{"JR.", "JR.", "III", "II", "SR.", "IV", "--"}
	accented        = []string{"MUÑOZ", "PEÑA", "NÚÑEZ", "GARCÍA", "RODRÍGUEZ", "IBÁÑEZ", "MÜLLER", "SØRENSEN", "LEFÈVRE", "ÖZTÜRK", "MICHAŁOWSKI"}
	latin1          = []string{"MU\xd1OZ", "PE\xd1A", "N\xda\xd1EZ", "GARC\xcdA", "M\xdcLLER", "LEF\xc8VRE"} // ISO-8859-1, as the file has it here and there
	licenses        = []string{"", "", "", "", "", "", "", "", "", "A", "ME", "MD", "RN", "PT", "PA", "E-", "DO", "35.", "01", "LIC-", "T"}
	identifierHeads = []string{"", "", "", "", "P0", "G", "Z", "00", "LIC"}
	groups          = []string{"193200000X MULTI-SPECIALTY GROUP", "193400000X SINGLE SPECIALTY  GROUP", "193400000X SINGLE SPECIALTY  GROUP"} // two blanks, as CMS has it
)

// city is where an address can be.
type city struct {
	name, state string
	zip, zips   int // first ZIP code, and how many from there
	area        int // telephone area code
}

// cities holds each city as often as its weight asks for, so that states have
// providers as they have people.
var cities = func() (all []*city) {
	for _, line := range lines("cities.txt") {
		f := strings.Split(line, "|")
		c := &city{f[0], f[1], number(f[2]), number(f[3]), number(f[4])}
		for range number(f[5]) / 10 {
			all = append(all, c)
		}
	}
	return all
}()

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err) // it is embedded
	}
	return n
}

// abroad are addresses outside the states: line, city, state, postal code,
// country.
var abroad = [][5]string{
	{"PSC 41 BOX 6066", "APO", "AE", "09464", "US"},
	{"UNIT 33100 BOX LRMC", "APO", "AE", "09180", "US"},
	{"PSC 482 BOX 2690", "FPO", "AP", "963620027", "US"},
	{"PSC 827 BOX 154", "FPO", "AE", "09617", "US"},
	{"200 ELIZABETH ST", "TORONTO", "ONTARIO", "M5G 2C4", "CA"},
	{"AV PASEO DE LA REFORMA 222", "CUAUHTEMOC", "CIUDAD DE MEXICO", "06600", "MX"},
	{"1-2-3 MINATO-KU", "TOKYO", "TOKYO", "105-0001", "JP"},
	{"12 HARLEY ST", "LONDON", "LONDON", "W1G 9QD", "GB"},
	{"UNTER DEN LINDEN 5", "BERLIN", "BERLIN", "10117", "DE"},
}

// specialty is a taxonomy code and what goes with it.
type specialty struct {
	code        string
	licensed    bool
	credentials []string
}

// common holds the frequent codes by weight, rare every other one, for people
// (I), organizations (O), and groups of people (G).
var common, rare = func() (map[byte][]specialty, map[byte][]specialty) {
	often, seldom, weighted := map[byte][]specialty{}, map[byte][]specialty{}, map[string]bool{}
	for _, line := range lines("specialties.txt") {
		f := strings.Split(line, "|")
		weighted[f[1]] = true
		for range number(f[2]) {
			often[line[0]] = append(often[line[0]], specialtyOf(f[1]))
		}
	}
	for _, line := range lines("taxonomies.tsv") {
		f := strings.Split(line, "\t")
		if len(f[0]) == len("193200000X") && !weighted[f[0]] && !strings.HasPrefix(f[0], "193") { // 193 are groups, no specialties
			seldom[f[1][0]] = append(seldom[f[1][0]], specialtyOf(f[0]))
		}
	}
	return often, seldom
}()

func specialtyOf(code string) specialty {
	s := specialty{code: code, licensed: strings.HasPrefix(code, "20") || strings.HasPrefix(code, "36")}
	longest := 0
	for _, line := range lines("credentials.txt") {
		prefix, list, _ := strings.Cut(line, "|")
		if strings.HasPrefix(code, prefix) && len(prefix) > longest {
			longest, s.credentials, s.licensed = len(prefix), strings.Split(list, ";"), true
		}
	}
	return s
}
