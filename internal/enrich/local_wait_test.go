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

func TestForgetLooksIntoTheNewFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newShelves(fresh, there)
		h := buildOver(t, localConfig(), newMoody(well), files, nil)
		assert.Equal(t, record.Active, h.status(t, npi))
		files.set(func() { files.entries = gone })
		assert.Equal(t, record.Active, h.status(t, npi), "remembered")
		h.Forget()
		assert.Equal(t, record.Deactivated, h.status(t, npi))
	})
}

// An answer found with the old files goes to who asked, and is not kept.
func TestAnAnswerOvertakenByForgetIsNotKept(t *testing.T) {
	for name, ask := range map[string]func(context.Context, house){
		"peek":   func(_ context.Context, h house) { h.Peek(npi) },
		"lookup": func(ctx context.Context, h house) { _, _ = h.Lookup(ctx, npi) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newShelves(fresh, there)
				var h house
				files.reading = func() {
					files.set(func() { files.entries, files.reading = gone, nil })
					h.Forget()
				}
				h = buildOver(t, localConfig(), newMoody(well), files, nil)
				ask(t.Context(), h)
				assert.Equal(t, record.Deactivated, h.status(t, npi))
			})
		})
	}
}

// An import ends an outage for whoever waits for it.
func TestWhoWaitsLooksIntoTheNewFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live, files := newMoody(failing(ReasonHTTP)), newShelves(fresh, nil)
		h := buildOver(t, localConfig(), live, files, nil)
		var callers sync.WaitGroup
		callers.Go(func() { assert.Equal(t, record.Active, h.status(t, npi)) })
		time.Sleep(5 * time.Minute)
		assert.False(t, h.Available())
		files.set(func() { files.entries = there })
		h.Forget()
		callers.Wait()
		assert.True(t, h.Available())
		assert.Len(t, h.flights.aloft, 0)
	})
}

// With files at hand the gate is shut only while somebody waits, and tells of
// every change.
func TestTheGateWithFilesAtHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(well)
		h := buildOver(t, localConfig(), live, newShelves(fresh, there), nil)
		next := func(want bool, why string) {
			t.Helper()
			synctest.Wait()
			assert.Equal(t, want, h.Available(), why)
		}
		live.turn(failing(ReasonHTTP))
		hurried := func(of record.NPI) func() {
			return func() { _, _ = h.Lookup(t.Context(), of) }
		}
		var callers sync.WaitGroup
		changed := h.Changed()
		callers.Go(hurried(npi + 1))
		<-changed // the breaker, or who waits for it
		for h.Available() {
			<-h.Changed()
		}
		require.Equal(t, Open, h.State().Breaker)
		next(false, "somebody waits")
		for range 20 {
			time.Sleep(testConfig.Cooldown/20 + time.Second)
			if h.State().Breaker == Open {
				next(false, "and waits on, probe after probe")
			}
		}
		assert.Equal(t, record.Active, h.status(t, npi), "what is at hand is answered all the same")

		live.turn(well)
		changed = h.Changed()
		<-changed
		callers.Wait()
		next(true, "it is back")

		live.turn(failing(ReasonHTTP))
		crowd, leave := context.WithCancel(t.Context())
		callers.Go(func() { _, _ = h.Lookup(crowd, npi+2) })
		for h.Available() {
			<-h.Changed()
		}
		changed = h.Changed()
		leave()
		<-changed
		callers.Wait()
		assert.Equal(t, Open, h.State().Breaker)
		next(true, "open, and nobody waits")
	})
}

// Who only asks does not wait for an outage, and stops no lane.
func TestAskDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live, store := newMoody(failing(ReasonHTTP)), newShelf()
		files := newShelves(old, map[record.NPI]record.Facts{npi: {Status: record.Active}, npi + 1: {Status: record.Active}})
		store.kept[npi+2] = entryOf(npi+2, record.Active)
		cfg := localConfig()
		cfg.Failures = 1
		h := buildOver(t, cfg, live, files, store)
		ask := func(of record.NPI) *record.Entry {
			entry, err := h.Ask(t.Context(), of)
			require.NoError(t, err)
			return entry
		}
		assert.True(t, ask(npi).Evidence.Stale, "through the breaker, that was closed")
		require.Equal(t, Open, h.State().Breaker)
		began, requests := time.Now(), len(live.requests())
		assert.Same(t, ask(npi), ask(npi), "remembered")
		assert.True(t, ask(npi+1).Evidence.Stale, "of the files")
		assert.Equal(t, record.FromAPI, ask(npi+2).Evidence.Source, "shared")
		_, err := h.Ask(t.Context(), npi+3)
		assert.ErrorIs(t, err, errRefused)
		assert.Zero(t, time.Since(began))
		assert.Len(t, live.requests(), requests)
		assert.True(t, h.Available())
	})
}
