-- The tables of an identity service of which Signal reads who is a member of what, with one organisation: u-owner and u-cashier get what is sent to org o1.
CREATE SCHEMA identity;
CREATE TABLE identity."PolicyDefinition" (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  deleted_at timestamptz,
  variant text NOT NULL,
  subject_type text NOT NULL,
  subject_id text NOT NULL,
  target_type text NOT NULL,
  target_id text NOT NULL,
  action text,
  effect text
);
CREATE INDEX ON identity."PolicyDefinition" (variant, target_type, target_id, subject_id);
CREATE INDEX ON identity."PolicyDefinition" (variant, subject_type, subject_id);
INSERT INTO identity."PolicyDefinition" (variant, subject_type, subject_id, target_type, target_id) VALUES
  ('join_domain', 'User', 'u-owner', 'Organizer', 'o1'),
  ('join_domain', 'User', 'u-cashier', 'Organizer', 'o1');
