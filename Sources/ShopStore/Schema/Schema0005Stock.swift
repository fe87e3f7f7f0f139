/// The stock ledger: what was added to each product's stock and taken from it, and why.
let schema0005Stock: StaticString = """
    -- Numbered through for each product. Sales are not in it: the orders have them.
    CREATE TABLE stock_movements (
        product_id INTEGER NOT NULL REFERENCES products (id),
        id         INTEGER NOT NULL CHECK (id > 0),
        reason     TEXT    NOT NULL CHECK (reason = 'opening' OR reason = 'delivery' OR reason = 'count'
                                           OR reason = 'damage' OR reason = 'correction'),
        change     INTEGER NOT NULL CHECK (change <> 0 OR reason = 'opening'),
        -- The stock after it.
        stock      INTEGER NOT NULL CHECK (stock >= 0),
        login      TEXT CHECK (length(login) BETWEEN 1 AND 64),
        at         INTEGER NOT NULL,
        CHECK ((id = 1) = (reason = 'opening')),
        PRIMARY KEY (product_id, id)
    ) STRICT, WITHOUT ROWID;
    -- Of products from before, all that was ever supplied.
    INSERT INTO stock_movements (product_id, id, reason, change, stock, login, at)
        SELECT id, 1, 'opening', supplied, stock, NULL, created_at FROM products;

    CREATE TRIGGER stock_movements_stay BEFORE UPDATE ON stock_movements
        BEGIN SELECT raise(ABORT, 'the stock ledger is only added to'); END;
    CREATE TRIGGER stock_movements_stay_whole BEFORE DELETE ON stock_movements
        BEGIN SELECT raise(ABORT, 'the stock ledger is only added to'); END;
    """
