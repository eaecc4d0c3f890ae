print("decree")
