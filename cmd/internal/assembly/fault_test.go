package assembly

import (
	"fmt"
	"testing"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker/brokertest"
)

// effects are everything the worker does to the world through the server, by
// the subject it does it on.
var effects = []struct {
	name, subject string
	nth           int
}{
	{"take a lease", "$KV.NPI_LEASES.", 1},
	{"remember the start", "$KV.NPI_LEASES.", 3},
	{"look at the ledger", "$JS.API.STREAM.INFO.NPI_RESULTS", 1},
	{"read the ledger's end", "$JS.API.STREAM.MSG.GET.NPI_RESULTS", 1},
	{"reset the consumer", "$JS.API.CONSUMER.RESET.", 1},
	{"reset the second consumer", "$JS.API.CONSUMER.RESET.", 2},
	{"ask for messages", "$JS.API.CONSUMER.MSG.NEXT.", 1},
	{"ask for more messages", "$JS.API.CONSUMER.MSG.NEXT.", 4},
	{"share an answer", "$KV.NPI_PROVIDERS.", 1},
	{"store a dead letter", "npi.dead.", 2},
	{"store a job", "npi.writeback.", 2},
	{"store the first result", "npi.results.claim", 1},
	{"store a result in mid-stream", "npi.results.claim", 30},
	{"store a roster result", "npi.results.roster", 5},
	{"store the last result", "npi.results.claim", 100},
	{"ack", "$JS.ACK.", 1},
	{"ack again", "$JS.ACK.", 2},
}

// TestFaultMatrix fails every effect twice: not done, and done but reported
// as failed. After each, the oracle proves everything again.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	for _, sync := range []config.Sync{config.SyncDefault, config.SyncAlways} {
		for _, e := range effects {
			for _, cut := range []brokertest.Cut{brokertest.Before, brokertest.After} {
				t.Run(fmt.Sprintf("%s/%s/%s", sync, e.name, cut), func(t *testing.T) {
					t.Parallel()
					h := newHouse(t, sync)
					h.load(140)
					broke := h.link.BreakAt(e.subject, e.nth, cut)
					w := h.work()
					h.await()
					w.drain()
					h.check()
					select {
					case <-broke:
					default:
						t.Errorf("the effect did not occur %d times, so nothing was proved", e.nth)
					}
				})
			}
		}
	}
}
