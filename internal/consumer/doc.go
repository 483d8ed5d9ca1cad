// Package consumer works a lane: it holds the lane's lease, finds where the
// ledger ends, pulls input in order, has many messages worked at once, and
// lets each go when its results are stored. It knows no domain.
//
// # Delivery guarantee
//
// Every input message of a lane leaves its results in the lane's ledger
// exactly once and in input order, however often worker or server die and
// however long they stay down. What makes it so is one thing: the ledger's
// last message says where to go on, and the fence refuses everything that
// does not follow it. Leases, acks, redeliveries and time-outs only make it
// quick.
//
// # A session
//
// A lane is worked in sessions. A session starts by reading the ledger's end,
// resets the durable consumer to the message after it, and pulls. It ends at
// the first sign that something is not as it was left: a lost connection, a
// refused fence, a gap or a repeat in the delivery sequence, a confirmation
// or a heartbeat that does not come. Then the next session starts; there is no
// other recovery, so the path that recovers is the path that starts.
//
// What a crash costs at each point of a session:
//
//	pulled, not worked         nothing: the next session pulls it again
//	side messages stored       they are stored again under the same message id
//	results sent, not stored   the ledger's end does not name them: made again
//	results stored, not acked  the ledger's end names them: not made again
//	acked                      nothing; acks only show progress
//
// # Order and bounds
//
// Messages are worked at once, up to MaxInFlight, and stored in input order.
// A message that needs no waiting is worked where it is received, without a
// goroutine of its own. While the gate is shut nothing more is pulled and what
// is held is kept.
package consumer
