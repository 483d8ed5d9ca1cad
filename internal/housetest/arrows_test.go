package housetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// arrow is what a room may import of ours, and why no more than that.
type arrow struct {
	may []string
	why string
}

// arrows is the law. A room that is not in it may import nothing of ours: a
// new room gets its row here, and its reason, before it gets its imports.
// Tests may import what they need.
var arrows = map[string]arrow{
	"config": {nil,
		"it is read before anything is built, so it knows no room; the commands translate it"},
	"internal/record": {nil,
		"it holds the nouns; whatever it imported, every room would import"},
	"internal/checksum": {[]string{"internal/record"},
		"it is arithmetic"},
	"internal/judge": {[]string{"internal/checksum", "internal/record"},
		"judgement is a pure function: anyone must be able to recompute a verdict"},
	"internal/pipeline": {[]string{"internal/checksum", "internal/judge", "internal/record"},
		"it is the order of the work and knows no broker and no registry; it declares what it needs, and the commands give it that"},
	"internal/ledger": {nil,
		"it stores bytes in order and knows no domain"},
	"internal/consumer": {[]string{"internal/ledger"},
		"it moves messages and knows no domain; what is done with one is the handler's business"},
	"internal/broker": {[]string{"internal/record"},
		"it knows names of streams and kinds of records, not what is done with them"},
	"internal/broker/brokertest": {nil,
		"it stands between a test and a server, and knows neither"},
	"internal/enrich": {[]string{"internal/record"},
		"it protects whatever registry it is given; adapters point at it, never the reverse"},
	"internal/enrich/nppes": {[]string{"internal/enrich", "internal/record"},
		"it is an adapter: it turns one registry's answers into ours"},
	"internal/enrich/local": {[]string{"internal/checksum", "internal/enrich/local/bulk", "internal/record"},
		"it stores what bulk reads and answers from it; who asks, and when, is the enricher's business"},
	"internal/enrich/local/bulk": {[]string{"internal/checksum", "internal/record"},
		"it turns files as CMS and the OIG ship them into our nouns, and knows nothing of where they are kept"},
	"internal/format": {[]string{"internal/format/fhir", "internal/format/mapped", "internal/format/roster", "internal/format/x12", "internal/record"},
		"it finds out what an input is and hands it to the reader of that format"},
	"internal/format/x12": {[]string{"internal/record"},
		"it turns claims as clearinghouses send them into our nouns, and judges nothing"},
	"internal/format/fhir": {[]string{"internal/record"},
		"it turns FHIR resources into our nouns, and judges nothing"},
	"internal/format/roster": {[]string{"internal/checksum", "internal/record"},
		"it turns spreadsheets into our nouns; the check digit tells a column of NPIs from another of ten digits"},
	"internal/format/mapped": {[]string{"internal/record"},
		"it turns documents of somebody's own make into our nouns, as the configuration says"},
	"internal/writeback": {[]string{"internal/record"},
		"planning a job is a pure function of a judged record"},
	"internal/writeback/providerjson": {[]string{"internal/checksum", "internal/record"},
		"it judges a document by the rules of the write API alone; who plans one or sends it is not its business"},
	"internal/mirror": {[]string{"internal/checksum", "internal/enrich/local", "internal/record"},
		"it plays the registry, so it must share nothing with our client of it: a mistake in both would pass"},
	"internal/ops": {[]string{"internal/consumer"},
		"it shows how lanes are; what they do is not its business"},
	"internal/housetest": {nil,
		"it is only tests"},
}

// free may import everything: programs are where rooms are connected.
var free = []string{"cmd", "bench"}

func TestArrows(t *testing.T) {
	for _, p := range packages(t) {
		if slices.ContainsFunc(free, func(top string) bool { return within(p.room(), top) }) {
			continue
		}
		law, known := arrows[p.room()]
		if !known {
			law.why = "it has no row in the table of arrows_test.go: give it one, with the reason"
		}
		for _, imported := range p.Imports {
			room, ours := strings.CutPrefix(imported, module+"/")
			if !ours {
				continue
			}
			assert.Contains(t, law.may, room, "%s imports %s.\n%s may import of ours %v, because: %s",
				p.room(), room, p.room(), law.may, law.why)
		}
	}
}

// pure rooms take values and give values: no file, no network, no broker, no
// log, no metrics.
var pure = []string{"internal/record", "internal/checksum", "internal/judge", "internal/pipeline", "internal/writeback", "internal/writeback/providerjson"}

var effects = []string{
	"net", "os", "syscall", "log",
	"github.com/nats-io", "github.com/prometheus", "github.com/rs/zerolog", "golang.org/x/time",
}

func TestPureRooms(t *testing.T) {
	for _, p := range packages(t) {
		if !slices.Contains(pure, p.room()) {
			continue
		}
		for _, imported := range p.Imports {
			for _, effect := range effects {
				assert.False(t, within(imported, effect), "%s imports %s.\n%s takes values and gives values, so that its every answer can be recomputed; effects belong to the rooms at the edge",
					p.room(), imported, p.room())
			}
		}
	}
}

// within reports whether path is top or lies in it.
func within(path, top string) bool { return path == top || strings.HasPrefix(path, top+"/") }
