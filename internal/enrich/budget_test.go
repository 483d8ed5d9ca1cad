package enrich

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

func TestOneNPIThatCannotBeAnsweredIsGivenUp(t *testing.T) {
	for _, reason := range []Reason{ReasonWrongNPI, ReasonMalformed, ReasonErrors, ReasonTooLarge} {
		t.Run(string(reason), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				live := newMoody(func(ctx context.Context, asked record.NPI) (*record.Entry, error) {
					if asked == npi {
						return failing(reason)(ctx, asked)
					}
					return well(ctx, asked)
				})
				store := newShelf()
				h := build(t, testConfig, live, store)
				crowd, leave := context.WithCancel(t.Context())
				var others sync.WaitGroup
				others.Go(func() {
					for i := record.NPI(1); crowd.Err() == nil; i++ {
						_, _ = h.Lookup(crowd, npi+i)
						sleep(crowd, 50*time.Millisecond, nil)
					}
				})
				assert.Equal(t, record.Unknown, h.status(t, npi))
				assert.Equal(t, budget, live.asksFor(npi))
				assert.Less(t, time.Since(live.born), 12*time.Second, "five backoffs")
				assert.EqualValues(t, 1, h.value(t, "npiflow_unverified_total"))
				assert.EqualValues(t, 1, h.value(t, "npiflow_lookups_total", "tier", "api", "outcome", "error"))
				assert.Zero(t, h.value(t, "npiflow_breaker_trips_total"))

				assert.Equal(t, record.Unknown, h.status(t, npi))
				entry, ok := h.Peek(npi)
				require.True(t, ok)
				assert.Nil(t, entry.Answer())
				assert.Equal(t, budget, live.asksFor(npi), "left alone for a while")
				time.Sleep(unknownTTL + 2*time.Second)
				_, ok = h.Peek(npi)
				assert.False(t, ok)
				leave()
				others.Wait()
				synctest.Wait()
				assert.NotContains(t, store.kept, npi, "ignorance is not shared")
				assert.Contains(t, store.kept, npi+1)
			})
		})
	}
}

func TestALaneWhoseOnlyQuestionCannotBeAnsweredGoesOn(t *testing.T) {
	for _, failures := range []int{1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			live := newMoody(func(ctx context.Context, asked record.NPI) (*record.Entry, error) {
				if asked == npi {
					return failing(ReasonMalformed)(ctx, asked)
				}
				return well(ctx, asked)
			})
			cfg := testConfig
			cfg.Failures = failures
			h := build(t, cfg, live, nil)
			assert.Equal(t, record.Active, h.status(t, npi+1))
			assert.Equal(t, record.Unknown, h.status(t, npi), "the witness shows that the registry is well")
			assert.LessOrEqual(t, live.asksFor(npi), 2*budget)
			assert.Less(t, time.Since(live.born), 10*time.Minute)
			assert.Equal(t, Closed, h.State().Breaker)
		})
	}
}

func TestAnOutageUsesUpNoBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(well)
		h := build(t, testConfig, live, nil)
		assert.Equal(t, record.Active, h.status(t, npi+5000), "there is a witness")
		live.turn(failing(ReasonContentType))
		callers := h.all(t, 20)
		time.Sleep(6 * time.Hour)
		live.turn(well)
		callers.Wait()
		assert.Zero(t, h.value(t, "npiflow_unverified_total"))
	})
}
