/// Coupons as the staff see them: closed early, how fast they went, and who used them.
let schema0005Coupons: StaticString = """
    -- Nobody can take one from then on, whatever the clock says later.
    ALTER TABLE coupons ADD COLUMN closed_at INTEGER;

    -- How many were taken in each minute of the first hour.
    CREATE TABLE coupon_minutes (
        coupon_id INTEGER NOT NULL REFERENCES coupons (id),
        minute    INTEGER NOT NULL CHECK (minute BETWEEN 0 AND 59),
        taken     INTEGER NOT NULL CHECK (taken > 0),
        PRIMARY KEY (coupon_id, minute)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO coupon_minutes (coupon_id, minute, taken)
        SELECT u.coupon_id, (u.issued_at - c.opens_at) / 60000 AS minute, count(*)
        FROM user_coupons AS u JOIN coupons AS c ON c.id = u.coupon_id
        WHERE u.issued_at - c.opens_at BETWEEN 0 AND 3599999 GROUP BY u.coupon_id, minute;

    CREATE INDEX user_coupons_used ON user_coupons (coupon_id, user_id) WHERE used_at IS NOT NULL;
    """
