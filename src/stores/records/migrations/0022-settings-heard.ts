// Other processes hear of a saved setting as soon as it is committed: whoever sends must go by what somebody has just set.
export const SETTINGS_HEARD = `
CREATE FUNCTION settings_heard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN PERFORM pg_notify('settings', OLD.key);
  ELSE PERFORM pg_notify('settings', NEW.key);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER settings_heard AFTER INSERT OR UPDATE OR DELETE ON settings FOR EACH ROW EXECUTE FUNCTION settings_heard();
`;
