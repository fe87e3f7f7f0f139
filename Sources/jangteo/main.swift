Jangteo.main()
