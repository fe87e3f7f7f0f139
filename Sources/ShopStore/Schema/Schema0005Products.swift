/// Products as the staff keep them: by number in stock-keeping, with the stock from which they are low, and searched by
/// what is to be done.
let schema0005Products: StaticString = """
    -- However it is written, a number is one product's.
    ALTER TABLE products ADD COLUMN sku TEXT COLLATE NOCASE
        CHECK (length(sku) BETWEEN 1 AND 40 AND sku GLOB '[A-Za-z0-9]*' AND sku NOT GLOB '*[^-A-Za-z0-9._/]*');
    -- At this stock or less, it is low.
    ALTER TABLE products ADD COLUMN low_stock INTEGER CHECK (low_stock BETWEEN 0 AND 1000000000);
    -- Counts the edits. A sale is none, nor is a delivery: they take nobody's words away.
    ALTER TABLE products ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0);
    CREATE UNIQUE INDEX products_sku ON products (sku) WHERE sku IS NOT NULL;
    CREATE INDEX products_name ON products (listed, name, id);
    -- Each change of the search index merges a little of it. By itself it merges nothing for long, and then hundreds of pages
    -- at once, for which everybody's writes wait.
    INSERT INTO product_search (product_search, rank) VALUES ('automerge', 0);

    -- What is to be done, in each order. A sale leaves these alone unless it is the one that makes a product low or
    -- sells it out.
    CREATE INDEX products_sold_out ON products (id) WHERE listed = 1 AND stock = 0;
    CREATE INDEX products_sold_out_price ON products (price, id) WHERE listed = 1 AND stock = 0;
    CREATE INDEX products_sold_out_name ON products (name, id) WHERE listed = 1 AND stock = 0;
    CREATE INDEX products_low ON products (id) WHERE listed = 1 AND stock > 0 AND stock <= low_stock;
    CREATE INDEX products_low_price ON products (price, id) WHERE listed = 1 AND stock > 0 AND stock <= low_stock;
    CREATE INDEX products_low_name ON products (name, id) WHERE listed = 1 AND stock > 0 AND stock <= low_stock;
    CREATE INDEX products_bare ON products (id) WHERE picture IS NULL;
    CREATE INDEX products_bare_price ON products (price, id) WHERE picture IS NULL;
    CREATE INDEX products_bare_name ON products (name, id) WHERE picture IS NULL;
    """
