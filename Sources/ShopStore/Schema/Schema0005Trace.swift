/// The trace is read by day and by what was done, too: by its time, in which its entries lie in order unless the clock was set
/// back.
let schema0005Trace: StaticString = """
    DROP INDEX trace_user;
    DROP INDEX trace_subject;
    CREATE INDEX trace_at ON trace (at);
    CREATE INDEX trace_user ON trace (user_id, at);
    CREATE INDEX trace_action ON trace (action, at);
    CREATE INDEX trace_user_action ON trace (user_id, action, at);
    CREATE INDEX trace_subject ON trace (subject, subject_id, at);
    """
