// Saved segments, and the notes by which the mirror of people's facts in the events store is kept up to date.
export const SEGMENTS = `
CREATE TABLE segments (
  segment_id text NOT NULL, version integer NOT NULL,
  name text NOT NULL, definition jsonb NOT NULL,
  created_at timestamptz NOT NULL, active boolean NOT NULL,
  PRIMARY KEY (segment_id, version)
);
CREATE UNIQUE INDEX segments_active ON segments (segment_id) WHERE active;

-- The last evaluation of a watched segment's members.
CREATE TABLE segment_watches (
  segment_id text PRIMARY KEY,
  version integer NOT NULL,
  evaluated_at timestamptz NOT NULL,
  took_ms integer NOT NULL,
  people bigint NOT NULL
);

CREATE TABLE segment_snapshots (
  snapshot_id text PRIMARY KEY,
  segment_id text NOT NULL,
  version integer NOT NULL,
  as_of date NOT NULL,
  taken_at timestamptz NOT NULL,
  people bigint NOT NULL
);
CREATE INDEX segment_snapshots_segment ON segment_snapshots (segment_id, taken_at);

-- People whose mirrored facts (see person_facts in the events store) are out of date. Written by the tables' own triggers, so that no
-- writer can forget it; appended only, so that no two writers wait for each other; emptied by whoever refreshes the mirror.
CREATE TABLE fact_changes (change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person_id text NOT NULL);
INSERT INTO fact_changes (person_id) SELECT person_id FROM people;

CREATE FUNCTION note_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO fact_changes (person_id) SELECT DISTINCT person_id FROM changed; RETURN NULL; END $$;
CREATE FUNCTION note_moved_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO fact_changes (person_id) SELECT person_id FROM changed UNION SELECT person_id FROM was; RETURN NULL; END $$;

CREATE TRIGGER people_added AFTER INSERT ON people REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people();
CREATE TRIGGER people_deleted AFTER DELETE ON people REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people();
-- New traits change no fact.
CREATE FUNCTION note_changed_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fact_changes (person_id) SELECT n.person_id FROM changed n JOIN was o ON o.person_id = n.person_id
  WHERE (n.email_key, n.phone_key, n.global_bucket) IS DISTINCT FROM (o.email_key, o.phone_key, o.global_bucket);
  RETURN NULL;
END $$;
CREATE TRIGGER people_changed AFTER UPDATE ON people REFERENCING NEW TABLE AS changed OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION note_changed_addresses();

CREATE TRIGGER consents_added AFTER INSERT ON consents REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people();
CREATE TRIGGER consents_deleted AFTER DELETE ON consents REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people();
CREATE TRIGGER consents_moved AFTER UPDATE ON consents REFERENCING NEW TABLE AS changed OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION note_moved_people();

CREATE TRIGGER endpoints_added AFTER INSERT ON endpoints REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people();
CREATE TRIGGER endpoints_deleted AFTER DELETE ON endpoints REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people();
CREATE TRIGGER endpoints_changed AFTER UPDATE ON endpoints REFERENCING NEW TABLE AS changed OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION note_moved_people();

CREATE TRIGGER reach_profiles_added AFTER INSERT ON reach_profiles REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people();
CREATE TRIGGER reach_profiles_changed AFTER UPDATE ON reach_profiles REFERENCING NEW TABLE AS changed OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION note_moved_people();
CREATE TRIGGER sunsets_added AFTER INSERT ON sunsets REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people();
CREATE TRIGGER sunsets_changed AFTER UPDATE ON sunsets REFERENCING NEW TABLE AS changed OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION note_moved_people();

CREATE FUNCTION note_suppressed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fact_changes (person_id)
  SELECT key FROM changed WHERE kind = 'person'
  UNION SELECT p.person_id FROM changed c JOIN people p ON p.email_key = c.key WHERE c.kind = 'address'
  UNION SELECT p.person_id FROM changed c JOIN people p ON p.phone_key = c.key WHERE c.kind = 'address'
  UNION SELECT e.person_id FROM changed c JOIN endpoints e ON e.address_key = c.key WHERE c.kind = 'address';
  RETURN NULL;
END $$;
CREATE TRIGGER suppressions_added AFTER INSERT ON suppressions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_suppressed();
CREATE TRIGGER suppressions_deleted AFTER DELETE ON suppressions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_suppressed();

CREATE TRIGGER members_added AFTER INSERT ON members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people();
-- A step onwards is no fact of a segment.
CREATE FUNCTION note_returned_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fact_changes (person_id)
  SELECT n.person_id FROM changed n WHERE n.end_reason = 'returned' UNION
  SELECT x.person_id FROM (SELECT run_id, person_id FROM changed UNION ALL SELECT run_id, person_id FROM was) x
  GROUP BY x.run_id, x.person_id HAVING count(*) = 1;
  RETURN NULL;
END $$;
CREATE TRIGGER members_changed AFTER UPDATE ON members REFERENCING NEW TABLE AS changed OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION note_returned_members();

CREATE FUNCTION note_sent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fact_changes (person_id)
  SELECT n.person_id FROM changed n JOIN was o ON o.message_id = n.message_id
  WHERE n.state IN ('sent', 'unknown') AND (o.state <> n.state OR o.person_id <> n.person_id)
  UNION SELECT o.person_id FROM changed n JOIN was o ON o.message_id = n.message_id
  WHERE o.state IN ('sent', 'unknown') AND (o.state <> n.state OR o.person_id <> n.person_id);
  RETURN NULL;
END $$;
CREATE TRIGGER messages_changed AFTER UPDATE ON messages REFERENCING NEW TABLE AS changed OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION note_sent();

CREATE FUNCTION note_clicked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fact_changes (person_id)
  SELECT DISTINCT m.person_id FROM changed c JOIN messages m ON m.message_id = c.message_id WHERE c.kind = 'clicked';
  RETURN NULL;
END $$;
CREATE TRIGGER receipts_added AFTER INSERT ON receipts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_clicked();

CREATE FUNCTION note_redeemed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fact_changes (person_id)
  SELECT n.person_id FROM changed n WHERE n.state = 'redeemed'
  UNION SELECT o.person_id FROM was o WHERE o.state = 'redeemed';
  RETURN NULL;
END $$;
CREATE TRIGGER grants_changed AFTER UPDATE ON grants REFERENCING NEW TABLE AS changed OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION note_redeemed();
`;
