import SQLite

/// Search as people type: the index is rebuilt from texts in the form of `SearchText`.
func schema0003Search(_ sql: Connection) throws {
    try sql.execute(
        """
        DROP TABLE product_search;
        -- What SearchIndex makes of name and description; the row id is the product's id.
        CREATE VIRTUAL TABLE product_search USING fts5 (tokens, content = '', tokenize = 'ascii');
        """)
    try sql.forEach("SELECT id, name, description FROM products") { row in
        try sql.run(
            "INSERT INTO product_search (rowid, tokens) VALUES (?, ?)", row.int64(0),
            SearchIndex.tokens(name: row.text(1), description: row.text(2)))
    }
}
