"""python -m flighttrace"""

from flighttrace.cli import main

if __name__ == "__main__":
    main()
