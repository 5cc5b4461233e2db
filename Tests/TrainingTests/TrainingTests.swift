// Whole runs: the same bits on any ranks and threads, after a kill, and in every command that reads them again.
//
// What a step computes is held against the oracle in OracleTests' terms; everything else against another run, another
// command or the definition, computed by hand.

import Testing

/// One run at a time: each of them has threads or processes of its own.
@Suite(.serialized) enum TrainingTests {}
