// Package housetest holds the tests that belong to no room: the law of
// arrows, the documents that must agree with the code, and the deployment
// files, held against the programs they deploy. It exports nothing.
package housetest
