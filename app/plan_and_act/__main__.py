"""`python -m plan_and_act`, for those who start programs by module (`accelerate launch -m plan_and_act train ...`)."""

from plan_and_act.cli import main

if __name__ == "__main__":
    main()
