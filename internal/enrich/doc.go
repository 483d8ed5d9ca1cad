/*
Package enrich gets one answer of the registry for every distinct NPI, while it
protects both the registry and ourselves.

A lookup walks these tiers and stops at the first that knows:

	memory → local → coalesce → shared → live{ breaker → concurrency → rate → registry }

Each place in that line has its reason.

Memory is first because most questions were asked a moment ago: Peek reads it
without a lock, an allocation or a wait. An answer lives as long as its status
allows, counted from the moment the registry gave it, so that an answer taken
over from another worker does not live twice.

The local registry, built from CMS's files, answers in microseconds and costs
nobody anything, so Peek itself asks it, and a stream of providers new to memory
needs neither a flight nor a goroutine. It stands before the shared answers
because those are a question over the network for each provider, and are there
only so that many workers ask the live registry once. Its word counts as long
as its files are young enough. Too old, it is asked once more at the end:

  - The live registry is preferred, and newer answers are right. Where it
    cannot be asked (the breaker is open, the lookup is given up) the old
    answer is better than waiting and better than none; it is marked stale and
    kept briefly.
  - The live registry answers a deactivated NPI as if it had never been issued.
    So where it says absent and the files say deactivated, the files are right,
    however old they are.

The exclusion list is the local registry's alone, so whichever tier answers,
the provider's line in our list is put beside the answer, and what is shared
goes without it. When the local registry is replaced, Forget empties memory;
an answer found with the old one and not yet kept is not kept, and a lookup
that waits for an outage to end looks into the new one.

Coalescing stands before everything that costs something else: whoever asks for an
NPI that is being asked for joins that flight. A flight belongs to all who wait
for it and ends early only when the last of them has left. It looks into memory
once more before it asks, because an earlier flight may have landed between a
caller's look and its joining; so there is one request for one NPI however many
ask.

The shared answers are other workers' memory. They are a convenience: what goes
wrong there is a miss, the tier is asked under a short deadline, and it is left
alone for a while when it keeps failing, so that a broker in trouble does not
also get our questions.

The breaker is the outermost guard of the live registry, because whoever it
refuses must not hold a place in a queue. Those it admitted before it tripped
leave the queue at that moment; otherwise a long queue would run on into a
registry that is down.

The concurrency slot is taken before the rate's token. A token that was
reserved and given back late is lost, so the number of reservations must be
small: a thousand waiting lookups would leave the limiter in debt long after
the registry is well, and recovery would not be at full rate.

Inside that line there is one loop, pursue, and nothing else retries:

  - An absence is asked twice before it is believed: the live registry is known
    to answer nothing, once, about providers it has.
  - A failure waits (backoff) and asks again. While the breaker is open the
    lookup waits for its next change; half-open it admits one probe, and the
    first answer lets everybody through at once. The gate that lanes watch is
    shut meanwhile; with a local registry only while some lookup does wait,
    because the others need no breaker.
  - Being told to slow down pauses all requests and counts as nothing else.
  - A refused query is an answer in time, so the breaker is content, but it
    tells nothing; to the lookup it is a failure.
  - A lookup that failed five times, each time with somebody else answered
    since, is given up with status Unknown, and so is that NPI for half a
    minute. If nobody else is asking, the lookup itself asks for a provider
    known to be there (the witness): a registry that answers for the witness
    and never for this NPI is well, and one that answers for neither is down.
    Without the witness a lane whose only open question is one the registry
    cannot answer would wait for ever.

Unknown is never shared and never mistaken for absence.
*/
package enrich
